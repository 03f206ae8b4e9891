# What went wrong with a request.

errors-not-found = We can't find that page.
errors-denied = Your account can't do this. If it should, ask an admin of this site.
errors-sign-in-first = Sign in to go on.
errors-moved = Moved
errors-headers-too-large = Your browser sent more headers than this site reads. Deleting its cookies for this site helps.
errors-too-slow = The form arrived too slowly. Nothing was changed: try again where the connection is better.
errors-too-many-requests = This is more than one person usually asks for at once. Wait a moment and try again. If you were writing: go back in your browser, where your text still is, and send it again.
errors-overloaded = The site has too much to do right now. Nothing was changed: try again in a few seconds. If you were writing: go back in your browser, where your text still is, and send it again.
errors-unavailable = The site cannot reach its database right now. You may still be able to read; saving will be back shortly.
errors-internal = Something broke on our side.
errors-no-such-method = This address does not do that.
errors-body-too-large = What was sent is larger than this page accepts.
errors-not-understood = The request could not be understood.
errors-from-another-site = This request came from another site, so nothing was changed. Go back, reload the page and try again.
errors-site = Home

## Titles of pages

errors-title-not-found = Nothing here
errors-title-denied = You don't have access
errors-title-method = Not done this way
errors-title-conflict = It changed meanwhile
errors-title-too-large = Too large
errors-title-too-slow = Too slow
errors-title-too-many-requests = Slow down a little
errors-title-unavailable = Back in a moment
errors-title-internal = Something broke
errors-title-other = That did not work

## The page

errors-code = Code { $code }

## Pages

errors-try-again-in-a-minute = Try again in a minute. If it happens again, tell the owner of this site the code below.
errors-check-the-address-or-try-one = Check the address, or try one of these:
errors-front-page = front page
errors-newest-posts = newest posts
errors-tags = tags
# Above some of them.
errors-the-newest-posts = Newest posts
errors-go-to-the-front-page = Go to the front page
