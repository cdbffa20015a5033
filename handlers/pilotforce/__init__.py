"""pilotforce: profiles of people and the pictures that they share, for the groups admin, pilot and viewer.

| route | body or query | who | answers |
|---|---|---|---|
| GET /profiles | role? or email?, limit?, cursor? | admin | 200 items, nextCursor?; 400 |
| GET /profiles/{userId} | | oneself, admin | 200 profile; 404 |
| PUT /profiles/{userId} | name, callSign?, bio? | oneself, admin | 200, 201 one's own new one; 400; 404 |
| DELETE /profiles/{userId} | | oneself, admin | 204; 404 |
| POST /media | fileName, contentType, size, sharedWith? | pilot, admin | 201 media with `upload`; 400 |
| GET /media | sharedWith? or userId?, limit?, cursor? | any of the three | 200 items, nextCursor?; 400; 403 |
| GET /media/{mediaId} | | who may see it | 200 media; 404 |
| PUT /media/{mediaId} | sharedWith | its owner, admin | 200 media; 400; 404 |
| DELETE /media/{mediaId} | | its owner, admin | 204; 404 |

Who may call what is in `rules.py`, whose policy API Gateway enforces before a function runs: 403 for a call
that it doesn't allow, and for a token that isn't good. What a policy can't say, because a row has to be read
first, is `media.py`'s: its owner and admins see all that they own, and everybody what is shared with their
group or one below it, viewer < pilot < admin. What one may not see isn't there (404).

A profile is `userId, email?, role?, name, callSign?, bio?, createdAt, updatedAt`. E-mail address and role are
not in the body: they are the user pool's, verified, and are brought up to date with each sign-in. Media is
`mediaId, ownerId, fileName, contentType, size, status, sharedWith?, createdAt, updatedAt`, and `url,
urlExpiresAt` once it is uploaded: an address that works from any HTTP client, for some minutes. It is
`pending` until its object is there, and goes after a day if that never comes.

Each answer has `x-request-id`; each refusal of a function is a problem document (application/problem+json).
"""
