"""What runs at the edge before a request is answered: CloudFront functions, in JavaScript.

They work on one behaviour each, where custom error pages work on the whole distribution: with those, a 404 of
the API would come as the site's front page, with status 200.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-functions.html
"""

from __future__ import annotations

from typing import Literal

Pages = Literal["single-page", "folders"]

RUNTIME = "cloudfront-js-2.0"
INDEX = "index.html"

_PAGES: dict[Pages, str] = {
    "single-page": f"""\
function handler(event) {{
  var request = event.request;
  // A name with a dot is a file's; everything else is a page that the front page draws.
  if (!request.uri.split('/').pop().includes('.')) {{
    request.uri = '/{INDEX}';
  }}
  return request;
}}
""",
    "folders": f"""\
function handler(event) {{
  var request = event.request;
  var last = request.uri.split('/').pop();
  if (last === '') {{
    request.uri += '{INDEX}';
  }} else if (!last.includes('.')) {{
    request.uri += '/{INDEX}';
  }}
  return request;
}}
""",
}


def page_code(pages: Pages) -> str:
    """The function that finds the file of a page."""
    return _PAGES[pages]


def prefix_code(prefix: str) -> str:
    """The function that takes a prefix off, so that an API has the same routes behind it as without."""
    return f"""\
function handler(event) {{
  var request = event.request;
  // The behaviour's pattern, {prefix}/*, has seen to the prefix.
  request.uri = request.uri.slice({len(prefix)});
  return request;
}}
"""
