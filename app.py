"""The HTTP surface, all of it: the Chalice app and one thin route per operation."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

# First: it has loaded lazily what the others import.
import chalicelib  # noqa: F401

# isort: split
from chalice.app import Chalice, CORSConfig, Response

from chalicelib import errors, observability, settings
from chalicelib.deadline import Deadline
from chalicelib.documents import bucket, reading, uploads
from chalicelib.identity import Caller, authorizer
from chalicelib.mcp import endpoint
from chalicelib.operation import operation
from chalicelib.operations import routes
from chalicelib.person import aws, my_access
from chalicelib.records import lookup
from chalicelib.sign_in import authorization_server, protected_resource, proxy
from chalicelib.sql import redshift, statements, tables
from chalicelib.success import Success
from chalicelib.workflows import executions
from chalicelib.workflows import settings as workflows_settings

app = Chalice(app_name='middleware', configure_logs=False)
observability.observe(app)
app.register_middleware(errors.add_remedy, 'http')


@app.route('/my_route', methods=['POST'], authorizer=authorizer, cors=True)
@operation('postSuccess')
def post_success() -> Success:
    """Returns a success message.

    Endpoint to check the success status.
    """
    return Success(success=True)


@app.route('/my_access', methods=['GET'], authorizer=authorizer, cors=True)
@operation('getMyAccess')
def get_my_access(caller: Caller) -> my_access.MyAccess:
    """Tells who the person is and what they may reach.

    Their groups, and the folders, keys and limits that apply to them. Call it when something that
    the person expects is not there, to tell them why.
    """
    return my_access.get_my_access(caller)


@app.route('/records', methods=['GET'], authorizer=authorizer, cors=True)
@operation('findRecords', capability='records')
def find_records(request: lookup.FindRecordsRequest, caller: Caller) -> lookup.Records:
    """Finds records by their key.

    Looks up all records of one partition key, in the order of their sort key, or only those whose
    sort key begins with a prefix.
    """
    return lookup.find_records(lookup.Table.seen_by(caller), request)


@app.route('/workflows', methods=['POST'], authorizer=authorizer, cors=True)
@operation('startWorkflow', capability='workflows', consequential=True, open_world=True)
def start_workflow(
    request: executions.StartWorkflowRequest, caller: Caller
) -> executions.Execution:
    """Starts a process of several steps.

    It goes on after the answer: follow it with getWorkflow and the execution_id.
    """
    state_machine = workflows_settings.workflow_state_machine_arn()
    return executions.start_workflow(aws.client('stepfunctions'), state_machine, request, caller)


@app.route('/workflows/{execution_id}', methods=['GET'], authorizer=authorizer, cors=True)
@operation('getWorkflow', capability='workflows')
def get_workflow(request: executions.GetWorkflowRequest, caller: Caller) -> executions.Execution:
    """Tells how a process stands.

    Its status, and what it made or why it failed once it has ended. Ask again while it is running.
    """
    state_machine = workflows_settings.workflow_state_machine_arn()
    return executions.get_workflow(aws.client('stepfunctions'), state_machine, request, caller)


@app.route('/sql_statement', methods=['POST'], authorizer=authorizer, cors=True)
@operation('executeSqlStatement', capability='sql')
def execute_sql_statement(
    request: statements.ExecuteSqlStatementRequest, caller: Caller
) -> statements.Statement:
    """Runs one SQL query that only reads on Amazon Redshift.

    Returns the first rows and the whole result as CSV files. Look at listTables first. While the
    status is running, call getSqlStatement with the statement_id.
    """
    return statements.execute_sql_statement(
        redshift.Redshift.of_settings(), request, caller, Deadline()
    )


@app.route('/sql_statement/{statement_id}', methods=['GET'], authorizer=authorizer, cors=True)
@operation('getSqlStatement', capability='sql')
def get_sql_statement(
    request: statements.GetSqlStatementRequest, caller: Caller
) -> statements.Statement:
    """Goes on with an SQL statement that was running.

    Returns the result once the statement has finished. Call it again while the status is running.
    """
    return statements.get_sql_statement(
        redshift.Redshift.of_settings(), request, caller, Deadline()
    )


@app.route(
    '/sql_statement/{statement_id}/cancel', methods=['POST'], authorizer=authorizer, cors=True
)
@operation('cancelSqlStatement', capability='sql')
def cancel_sql_statement(
    request: statements.CancelSqlStatementRequest, caller: Caller
) -> statements.Statement:
    """Ends an SQL statement of the person's that is still running.

    Use it when the result is not wanted any more, or to make room for another statement.
    """
    return statements.cancel_sql_statement(redshift.Redshift.of_settings(), request, caller)


@app.route('/tables', methods=['GET'], authorizer=authorizer, cors=True)
@operation('listTables', capability='sql')
def list_tables(request: tables.ListTablesRequest, caller: Caller) -> tables.Tables:
    """Lists the database tables that SQL may read.

    Schemas, tables, columns and their types. Call it before you write SQL: use only names that it
    returns.
    """
    return tables.list_tables(redshift.Redshift.of_settings(), request, caller, Deadline())


@app.route('/documents', methods=['GET'], authorizer=authorizer, cors=True)
@operation('listDocuments', capability='documents')
def list_documents(request: reading.ListDocumentsRequest, caller: Caller) -> reading.DocumentList:
    """Lists the documents that can be read.

    Their keys, sizes, dates and types; with a prefix only those in a folder. What the person has
    saved is under uploads/.
    """
    return reading.list_documents(bucket.Documents.seen_by(caller), request)


@app.route('/documents/text', methods=['GET'], authorizer=authorizer, cors=True)
@operation('readDocument', capability='documents')
def read_document(request: reading.ReadDocumentRequest, caller: Caller) -> reading.DocumentPage:
    """Reads the text of a document, page by page.

    For text, Markdown, CSV, JSON and HTML. The answer says how many pages there are: go on with the
    next one. Get anything else, and tables to compute with, from getDocumentFiles.
    """
    return reading.read_document(bucket.Documents.seen_by(caller), request, Deadline())


@app.route('/documents/files', methods=['POST'], authorizer=authorizer, cors=True)
@operation('getDocumentFiles', capability='documents')
def get_document_files(
    request: reading.GetDocumentFilesRequest, caller: Caller
) -> reading.DocumentFiles:
    """Brings up to 10 documents into the conversation as files.

    As if the person had uploaded them: PDF and all else of up to 10 MB, but no images and videos.
    The answer says which ones were left out and why.
    """
    return reading.get_document_files(bucket.Documents.seen_by(caller), request)


@app.route('/documents', methods=['POST'], authorizer=authorizer, cors=True)
@operation('saveDocuments', capability='documents', consequential=True, destructive=False)
def save_documents(request: uploads.SaveDocumentsRequest, caller: Caller) -> uploads.SavedDocuments:
    """Saves files of this conversation as documents of the person.

    Up to 10 files of up to 10 MB, attached by the person or made here. Only the person sees them,
    under uploads/; nothing is overwritten.
    """
    return uploads.save_documents(
        bucket.Documents.seen_by(caller), uploads.downloader(), request, Deadline()
    )


@app.route('/oauth2/authorize', methods=['GET'], content_types=['*/*'])
def authorize() -> Response:
    """Sends the browser on to the sign-in page of the user pool."""
    return proxy.authorize(observability.current_call().request)


@app.route('/oauth2/token', methods=['POST'], content_types=['*/*'])
def token() -> Response:
    """Forwards a token request to the user pool."""
    return proxy.token(observability.current_call().request)


@app.route(
    '/mcp',
    methods=['POST', 'GET', 'DELETE'],
    authorizer=authorizer,
    cors=CORSConfig(allow_headers=['MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name']),
)
def model_context_protocol() -> Response:
    """Serves all operations as MCP's tools."""
    return endpoint.serve(app)


@app.route('/.well-known/oauth-protected-resource', methods=['GET'], cors=True)
@app.route('/.well-known/oauth-protected-resource/mcp', methods=['GET'], cors=True)
def oauth_protected_resource() -> dict[str, Any]:
    """Tells an MCP client whom to ask for tokens."""
    return protected_resource.metadata(observability.current_call().request)


@app.route('/.well-known/oauth-authorization-server', methods=['GET'], cors=True)
@app.route('/.well-known/openid-configuration', methods=['GET'], cors=True)
def oauth_authorization_server() -> dict[str, Any]:
    """Tells an MCP client how this API gives tokens."""
    return authorization_server.metadata(observability.current_call().request)


if (switched_on := settings.capabilities()) is not None:
    routes.switch_off(app, switched_on)

# A wrong declaration fails wherever the app is imported; a package of it can't have been made, so
# Lambda is spared the look into every module.
if 'AWS_LAMBDA_RUNTIME_API' not in os.environ:
    routes.operation_routes(app)

# Set by the chalice command line, never in Lambda: `chalice local` then checks tokens for real, and
# `chalice deploy` packages as `ops deploy` does.
if 'AWS_CHALICE_CLI_MODE' in os.environ:
    import_module('emulator.api_gateway.chalice_local').guard()
    import_module('ops.packaging.chalice_commands').install()
