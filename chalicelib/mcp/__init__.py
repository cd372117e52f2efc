"""The second front: the operations as tools of the Model Context Protocol."""
