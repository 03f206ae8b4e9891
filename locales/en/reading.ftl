# Public pages: lists, posts, pages.

reading-title-newest = Newest
reading-title-tags = Tags
reading-title-archive = Archive
reading-title-authors = Authors

## What search engines and cards say of a list

reading-about-site = Posts on { $site }.
reading-about-newest = The newest posts on { $site }.
reading-about-tags = All tags on { $site }.
reading-about-archive = All posts on { $site }, by month.
reading-about-authors = The people who write on { $site }.
reading-about-month = Posts of { $month } on { $site }.
reading-about-tag = Posts about { $tag } on { $site }.
reading-about-author = Posts by { $name } on { $site }.

## Parts of pages

reading-last-changed = Last changed { $day }
# Stands for the title of a post that has none, for screen readers.
reading-post-of = Post of { $day }
reading-edited = edited { $day }
reading-nothing-older-by = <bdi>{ $name }</bdi> has not published anything older.
reading-nothing-yet-by = <bdi>{ $name }</bdi> has not published anything yet.
# A number beside a tag; its word is only read out.
reading-posts-tagged = { $count }<sr> { $count ->
        [one] post
       *[other] posts
    }</sr>

## Pages

reading-feed = Feed
reading-see-the-newest-posts = See the newest posts
reading-posts = Posts
reading-there-is-nothing-older = There is nothing older.
reading-go-to-the-newest = Go to the newest
reading-nothing-has-been-published-here-yet = Nothing has been published here yet.
reading-write-the-first-post = Write the first post
reading-about-this-site = About this site
reading-newest-post = Newest post: { $day }
# Above the authors of the posts on the front page.
reading-who-writes-here = Who writes here
reading-most-discussed = Most discussed
reading-all-tags = All tags
reading-all-authors = All authors
reading-subscribe = Subscribe
reading-first-authors = First authors
reading-more-authors = More authors
reading-newest-post-of = Latest:
reading-breadcrumb = Breadcrumb
reading-below-this-page = Below this page
reading-permalink = Permalink
reading-source = Source
reading-all-posts = All posts
# The headings of a long post.
reading-contents = Contents
reading-copy-link = Copy link
# Said to screen readers.
reading-link-copied = Link copied
# Opens the list of programs that the device has for it.
reading-share = Share…
reading-send-by-email = Email
# Names the two links below to screen readers.
reading-more-by-the-author = More by the same author
reading-previous = Previous
reading-next = Next
reading-related-posts = Related posts
reading-tag = Tag
reading-there-is-nothing-older-under = There is nothing older under this tag.
reading-subscribe-to-this-tag = Subscribe to this tag:
reading-no-post-has-a-tag-yet = No post has a tag yet.

## What an author reads after publishing

reading-published = Published. Readers find it here:
reading-updated = Updated. Readers see the new text.

reading-most-used = Most used
reading-all-tags-by-name = All tags, by name
# $count is a number such as 1000.
reading-most-used-tags-by-name = The { $count } most used tags, by name
# Above posts that stand at the top for longer.
reading-pinned = Pinned

## What scripts say

# The button of a block of code, and what it says afterwards.
reading-copy = Copy
reading-copied = Copied
reading-not-copied = Not copied
# Leads an author from the post to the editor.
reading-edit = Edit

## Corrections

reading-title-corrections = Corrections
reading-title-corrections-of = Corrections – { $name }
reading-corrected = Correction, { $date }:
reading-what-changed = What changed
reading-before = Before:
reading-since = Since then:
reading-back-to-the-post = Back to the post
reading-corrections-of-author = All corrections of @{ $author }
reading-no-corrections = Nothing was corrected.
