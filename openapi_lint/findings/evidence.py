"""What a rule stands on: what a vendor documents, what people publish, or what is inferred."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal['documented', 'published', 'inferred']

# OpenAI's pages on Actions.
START = 'https://platform.openai.com/docs/actions/getting-started'
PRODUCTION = 'https://platform.openai.com/docs/actions/production'
FILES = 'https://platform.openai.com/docs/actions/sending-files'
# What others wrote of the editor.
LIBRECHAT = (
    'https://github.com/danny-avila/LibreChat/blob/main/packages/data-provider/src/actions.ts'
)
WEBCODEX = 'https://github.com/yyjeqhc/webcodex/issues/458'
ROBOCORP = 'https://github.com/robocorp/robocorp/issues/250'
TELNYX = 'https://github.com/team-telnyx/openapi/issues/203'
DEEPL = 'https://github.com/DeepLcom/openapi/issues/7'
ACAPY = 'https://github.com/didx-xyz/acapy-cloud/issues/321'
GLOBALPING = 'https://github.com/jsdelivr/globalping/issues/443'
ARRAYS = (
    'https://community.openai.com/t/732623',
    'https://community.openai.com/t/1246391',
)
# Standards.
OPENAPI = 'https://spec.openapis.org/oas/v3.1.1.html'
JSON_SCHEMA = 'https://json-schema.org/draft/2020-12/json-schema-validation'
YAML = 'https://yaml.org/spec/1.2.2/'
RFC_8259 = 'https://www.rfc-editor.org/rfc/rfc8259#section-4'
RFC_3986 = 'https://www.rfc-editor.org/rfc/rfc3986'
RFC_9110 = 'https://www.rfc-editor.org/rfc/rfc9110#section-9.3.1'
# What takes tool schemas.
OPENAI_TOOLS = 'https://platform.openai.com/docs/guides/function-calling'
OPENAI_STRICT = 'https://platform.openai.com/docs/guides/structured-outputs'
CLAUDE_TOOLS = 'https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use'
CLAUDE_STRICT = 'https://docs.claude.com/en/docs/build-with-claude/structured-outputs'
GEMINI_SCHEMA = 'https://ai.google.dev/api/caching#Schema'
GEMINI_FUNCTION = 'https://ai.google.dev/api/caching#FunctionDeclaration'
CLINE = 'https://github.com/cline/cline/issues/7339'
CCS = 'https://github.com/kaitranntt/ccs/issues/25'
PIPECAT = 'https://github.com/pipecat-ai/pipecat-flows/issues/110'
CLAUDE_CODE = 'https://github.com/anthropics/claude-code/issues/5973'


@dataclass(frozen=True)
class Evidence:
    """Why a rule is one, and where that can be read."""

    kind: Kind
    says: str
    sources: tuple[str, ...] = ()


def documented(says: str, *sources: str) -> Evidence:
    """Return evidence that a vendor's page or a standard has."""
    return Evidence('documented', says, sources)


def published(says: str, *sources: str) -> Evidence:
    """Return evidence that is the message or the behaviour that several people published."""
    return Evidence('published', says, sources)


def inferred(says: str, *sources: str) -> Evidence:
    """Return evidence that is a conclusion: nobody is known to have seen it."""
    return Evidence('inferred', says, sources)
