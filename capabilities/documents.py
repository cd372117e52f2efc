"""Documents in S3."""

from capabilities.capability import Capability, Kept, Statement

_DOCUMENTS = 'arn:{partition}:s3:::{DOCUMENTS_BUCKET_NAME}'

CAPABILITY = Capability(
    'documents',
    settings=['DOCUMENTS_BUCKET_NAME'],
    in_use={'ExistingDocumentsBucketName': 'DOCUMENTS_BUCKET_NAME'},
    statements=[
        Statement(
            'ReadDocuments',
            ['s3:GetObject'],
            [('DOCUMENTS_BUCKET_NAME', [f'{_DOCUMENTS}/{{DOCUMENTS_PREFIX}}*'])],
        ),
        Statement(
            'SaveDocuments',
            ['s3:PutObject'],
            [('DOCUMENTS_BUCKET_NAME', [f'{_DOCUMENTS}/{{DOCUMENTS_PREFIX}}uploads/*'])],
        ),
        Statement('ListDocuments', ['s3:ListBucket'], [('DOCUMENTS_BUCKET_NAME', [_DOCUMENTS])]),
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
