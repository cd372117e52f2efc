"""A document that keeps every rule, as text, and edits of it."""

NOTES = """\
openapi: 3.1.0
info:
  title: Notes
  description: Keeps notes.
  version: 1.0.0
servers:
  - url: https://api.example.com/dev
paths:
  /notes:
    post:
      operationId: addNote
      summary: Adds a note.
      x-openai-isConsequential: true
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [title, place, openaiFileIdRefs]
              properties:
                title:
                  type: string
                place:
                  type: string
                  enum: [first, last]
                openaiFileIdRefs: {type: array, items: {type: string}}
      responses:
        '200':
          description: The note.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Note'
  /notes/{note_id}:
    get:
      operationId: getNote
      description: Gets a note.
      x-openai-isConsequential: false
      parameters:
        - name: note_id
          in: path
          required: true
          schema: {type: string}
        - name: page
          in: query
          schema: {type: integer}
      responses:
        '200':
          description: The note, as files.
          content:
            application/json:
              schema:
                type: object
                properties:
                  openaiFileResponse: {type: array, items: {type: string}}
        '404':
          $ref: '#/components/responses/Missing'
components:
  schemas:
    Note:
      type: object
      properties:
        title:
          type: string
        author: {type: string}
  responses:
    Missing:
      description: There is no such note.
      content:
        application/json:
          schema:
            type: object
            properties:
              Message: {type: string}
  securitySchemes:
    cognito:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://auth.example.com/oauth2/authorize
          tokenUrl: https://auth.example.com/oauth2/token
          scopes: {}
"""


def edited(old: str, new: str) -> str:
    """Return the document with the first of a text replaced."""
    assert old in NOTES, old
    return NOTES.replace(old, new, 1)
