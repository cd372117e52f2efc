"""From a text that anybody may have written to a document of a sane size, place by place."""
