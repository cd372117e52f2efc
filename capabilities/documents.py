"""Documents in S3."""

from capabilities.capability import MAX_FOLDERS, About, Capability, Kept, Statement

_BUCKET, _PREFIXES = 'DOCUMENTS_BUCKET_NAME', 'DOCUMENTS_PREFIXES'
_DOCUMENTS = 'arn:{partition}:s3:::{DOCUMENTS_BUCKET_NAME}'
_UPLOADS = '{DOCUMENTS_PREFIX}uploads/{sub}/*'
_FOLDERS = [_UPLOADS, *(f'{{DOCUMENTS_PREFIX}}{{folder_{n}}}*' for n in range(MAX_FOLDERS))]

CAPABILITY = Capability(
    'documents',
    settings=[_BUCKET, _PREFIXES],
    in_use={'ExistingDocumentsBucketName': _BUCKET, 'DocumentsPrefixes': _PREFIXES},
    statements=[
        Statement(
            'ReadDocuments',
            ['s3:GetObject'],
            [About(_BUCKET, [f'{_DOCUMENTS}/{{DOCUMENTS_PREFIX}}*'])],
        ),
        Statement(
            'SaveDocuments',
            ['s3:PutObject'],
            [About(_BUCKET, [f'{_DOCUMENTS}/{{DOCUMENTS_PREFIX}}uploads/*'])],
        ),
        Statement('ListDocuments', ['s3:ListBucket'], [About(_BUCKET, [_DOCUMENTS])]),
    ],
    person=[
        Statement(
            'ReadTheirDocuments',
            ['s3:GetObject'],
            [
                About(_PREFIXES, [f'{_DOCUMENTS}/{folder}' for folder in _FOLDERS]),
                About(_BUCKET, [f'{_DOCUMENTS}/{{DOCUMENTS_PREFIX}}*']),
            ],
        ),
        Statement(
            'SaveTheirDocuments', ['s3:PutObject'], [About(_BUCKET, [f'{_DOCUMENTS}/{_UPLOADS}'])]
        ),
        Statement(
            'ListTheirDocuments',
            ['s3:ListBucket'],
            [
                About(_PREFIXES, [_DOCUMENTS], {'StringLike': {'s3:prefix': 'folders'}}),
                About(_BUCKET, [_DOCUMENTS]),
            ],
        ),
    ],
    kept={
        'DocumentsBucket': Kept(
            'the documents',
            'ExistingDocumentsBucketName',
            'DocumentsBucketName',
            'empty it in the S3 console, all versions, and then: aws s3 rb s3://{id}',
        ),
        'DocumentsBucketPolicy': Kept('the documents are reached by TLS only'),
    },
    lost={'AWS::S3::Bucket': 'the files in it'},
    pages=['documents.md'],
)
