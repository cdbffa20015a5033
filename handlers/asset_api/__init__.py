"""asset-api: users and files, with one contract for the functions in Python and those in TypeScript.

The domain has one name for both its tables, and not `users` and `assets`: the users of site-communications
are other users, and what these functions share is theirs alone.

| route | body or query | answers |
|---|---|---|
| POST /users | email, name, department?, ttl? | 201 user + `location`; 400; 409 the e-mail is in use |
| GET /users | limit?, cursor?, or email | 200 items, nextCursor?; 400 |
| GET /users/{userId} | | 200 user; 404 |
| PUT /users/{userId} | as POST, replaces all of it | 200 user; 400; 404; 409 |
| DELETE /users/{userId} | | 204; 404 |
| POST /assets | fileName, contentType, size, metadata? | 201 asset with `upload` + `location`; 400 |
| GET /assets | status?, limit?, cursor? | 200 items, nextCursor?; 400 |
| GET /assets/{assetId} | | 200 asset; 404 |
| GET /assets/{assetId}/download | | 200 url, expiresAt; 404; 409 not uploaded yet |
| DELETE /assets/{assetId} | | 204; 404 |

A user is `userId, email, name, department?, ownerId, createdAt, updatedAt, ttl?`; an asset `assetId,
fileName, contentType, size, status, metadata?, s3Bucket, s3Key, ownerId, createdAt, updatedAt, ttl`; an
upload `url, method, headers, expiresAt`. Fields come in that order, those with `?` only where there is a
value; the keys of `metadata` are sorted. Times are milliseconds since 1970, `ttl` is seconds, as DynamoDB
wants it.

Who may do what: each user and each asset belongs to the signed-in caller that made it (`ownerId`). Only the
owner and the group `admin` see, list, change or delete it; to anyone else it isn't there (404). Without
sign-in (`PUBLIC=true`) everybody acts as one owner, `public`, with the rights of an admin.

Each answer has `x-request-id`; each refusal is a problem document (application/problem+json) with it. A body
is a JSON object of at most 16 KB; every mistake in it is named, unknown fields first in the order of their
names, then each field in the order of the table.

Events: `{"warm": true}` is answered with nothing, at once. An ObjectCreated event of the bucket makes the
asset `available` and records the object's size; it may come twice, late, or for an asset that is gone.
"""
