# Posts and pages: the dashboard, the editor, publishing, tags.

posts-untitled = Untitled

## Faults

posts-address-taken = Another text of yours has the address “{ $address }” already. Choose another.
posts-address-reserved = The address “{ $address }” belongs to the site itself. Choose another.
posts-no-such-parent = There is no page at “{ $address }” to stand under.
posts-under-itself = A page cannot stand under itself.
posts-too-deep = Pages can be nested up to five levels, with an address of at most 400 characters.
posts-address-empty = An address needs at least one letter or digit.
posts-saved-elsewhere = This was saved elsewhere while you wrote: version { $version }, by @{ $username }. Nothing is lost: what you typed is in the form, and the saved version is shown with it. Saving again puts yours in its place.
posts-of-another-account = This text belongs to another account than the one that is signed in now. It is kept on this device.
posts-names-no-version = Say which version of the text this one changes: If-Match, or the field version.
posts-changed = This was saved elsewhere in the meantime (version { $version }).
posts-nothing-to-publish = There is nothing to publish yet. Add a title or some text.
posts-no-such-text = There is no such text.
posts-is-of-kind = { $kind ->
    [page] This is a page.
   *[post] This is a post.
}
posts-no-such-author = “{ $username }” is not an author here.
posts-not-a-kind = “kind” is neither post nor page.
posts-a-title = A title
posts-an-excerpt = An excerpt
posts-the-canonical-address = The canonical address
posts-the-picture-address = The picture's address
posts-the-cover-address = The cover’s address
posts-the-cover-description = The cover’s description
posts-the-page-above = The page above
posts-text-too-long = A post can have at most 1 MB. Split it into several posts.
posts-choose-comment-policy = Choose one of the four.
posts-choose-typography = Choose one of the three.
posts-date-unreadable = Write a day and a time of that day, such as 1 March 2026, 12:00.
posts-date-in-the-future = This is still to come: a post can only have an earlier date.
posts-not-a-number = Enter a whole number or leave this empty.
posts-too-many-authors = A post can have at most { $max } authors.
posts-username-too-long = A username has at most { $max } characters.
posts-insecure-cover = Enter the picture's full address, starting with https://. Pages cannot load it with http://.
posts-own-address = This post stands at your own address. To take it away, unpublish it or move it to the trash.
posts-in-the-trash = This text is in the trash. Restore it first.
posts-newer-version = A newer version was saved meanwhile. Look at it once more.
posts-old-page = This page was opened before the site was updated. Your text is kept on this device: load the page again and restore it there.

## Tags

posts-tag-name-taken = There is a tag “{ $name }” already. Merge the two instead.
posts-tag-address-taken = Another tag has the address “{ $address }”, or had it. Choose another.
# $name is how the tag begins.
posts-tag-too-long = The tag “{ $name }…” is longer than { $max } characters.
posts-tag-control-character = A tag holds a control character.
posts-tag-hidden-characters = A tag can't contain hidden characters that change the text around them. Type it instead of pasting it.
posts-tag-without-letters = The tag “{ $name }” needs at least one letter or digit.
posts-too-many-tags = A post can have at most { $max } tags.
posts-tag-without-name = A tag needs a name.
posts-tag-with-comma = A tag can't contain a comma.
posts-a-description = A description
posts-no-other-tag = There is no other tag “{ $name }”.

## Titles of pages

posts-title-posts = Posts
posts-title-edit = Edit
posts-title-write = Write
posts-title-preview = Preview
posts-title-publish = Publish
posts-title-tags = Tags
posts-title-merge = Merge these tags?
posts-title-byline-off = Take your name off?
posts-title-byline = Your name on a post

## The editor

posts-state-new = New draft
posts-state-trash = In the trash
posts-state-pending = Published, with changes not yet public
posts-state-published = Published
posts-state-draft = Draft
posts-authors-hint-admin = Usernames, separated by commas. Each can edit.
posts-authors-hint = Usernames, separated by commas. Each is asked first, and can edit after accepting.
posts-cover-insecure-hint = This address begins with http://. Pages load the picture with https:// instead; check that it appears.
posts-byline-accepted = Your name stands on the post, and you can edit it.
posts-byline-declined = Your name does not stand on the post.

## What differs between two versions

posts-differs-slug = Address
posts-differs-tags = Tags
posts-differs-excerpt = Excerpt
posts-differs-canonical-url = First published at
posts-differs-cover-url = Cover
posts-differs-cover-alt = Description of the cover
posts-differs-language = Language
posts-differs-comment-policy = Comments
posts-differs-typography = Typographic quotes and dashes
posts-differs-unlisted = Unlisted
posts-differs-authors = Authors
posts-differs-parent = Parent page
posts-differs-menu-position = Menu position
posts-differs-date = Date
posts-differs-empty = empty
posts-version-saved = Version { $version }, saved by @{ $username }, { $time }
posts-settings-of-page = Settings of this page
posts-settings-of-post = Settings of this post
posts-waiting-for = Waiting for { $names } to accept.
posts-declined-by = Declined by { $names }. Save without the name, and you can ask again.
posts-revision-published = published
posts-saved-at = saved { $time }
posts-new-page = New page
posts-new-post = New post
posts-edit-page = Edit page
posts-edit-post = Edit post
posts-tool-bold = <b>B</b><sr>old</sr>
posts-tool-italic = <i>I</i><sr>talic</sr>
posts-tool-plain = Plain text
posts-tool-focus = Focus
posts-outline = Outline
posts-tool-side-preview = Side by side

## Names of authors

posts-asked-by = @{ $username } names you as author of “<bdi>{ $title }</bdi>”.
posts-asked = You are named as author of “<bdi>{ $title }</bdi>”.
posts-author-of = You are one of the authors of “<bdi>{ $title }</bdi>”.

## The dashboard: what a button is about, for screen readers

posts-accept = Accept<sr> { $title }</sr>
posts-decline = Decline<sr> { $title }</sr>
posts-view = View<sr> { $title }</sr>
posts-take-off = Take my name off…<sr> { $title }</sr>
posts-edit = Edit<sr> { $title }</sr>
posts-publish-changes = Publish changes…<sr> of { $title }</sr>
posts-publish = Publish…<sr> { $title }</sr>
posts-unpublish = Unpublish<sr> { $title }</sr>
posts-trash = Trash<sr> { $title }</sr>
posts-restore = Restore<sr> { $title }</sr>
posts-restore-into-sight-of = Restore and publish<sr> { $title }</sr>

## Tags

posts-merge-lead = “<bdi>{ $from }</bdi>” ({ $count ->
        [one] { $count } public post
       *[other] { $count } public posts
    }) becomes part of “<bdi>{ $into }</bdi>” ({ $into_count }).
posts-merge-leads-on = Its page and feeds lead to those of “<bdi>{ $name }</bdi>”, and so does its name when it is used again. This can't be undone.
posts-merge-feeds = The feed of “<bdi>{ $name }</bdi>” keeps its id, <code>{ $stays }</code>. The id <code>{ $ends }</code> ends: feed readers may show its subscribers a new feed.
posts-no-public-posts = { $count ->
    [one] { $count } public post
   *[other] { $count } public posts
}
posts-public-posts-at = { $count ->
        [one] { $count } public post
       *[other] { $count } public posts
    }, at <a>/t/<bdi>{ $slug }</bdi></a>
posts-no-tag-called = No tag is called “{ $q }”. <a>See the most used</a>
posts-count = { $count ->
    [one] { $count } post
   *[other] { $count } posts
}
posts-change-tag = Change<sr> { $name }</sr>

## The preview

posts-insecure-media = { $count ->
    [one] { $count } picture or other media in this text begins with http://. Pages load them with https:// instead; check that they appear.
   *[other] { $count } pictures or other media in this text begin with http://. Pages load them with https:// instead; check that they appear.
}
posts-words-selected = { $count ->
    [one] { $count } word selected
   *[other] { $count } words selected
}
posts-words = { $count ->
    [one] { $count } word
   *[other] { $count } words
}

## Pages

posts-the-version-that-was-saved = The version that was saved
posts-combine = Put both together
posts-combine-hint = You see the text before it is public. Both versions stay in the history.
# These three stand in the text, in comments that readers never see.
posts-combine-saved = Both changed this. As it was saved:
posts-combine-typed = As you typed it:
posts-combine-end = End of what both changed.
posts-combined = Both versions are in this text now. Look it over and save it.
posts-combined-with-clashes = { $places ->
    [one] Both versions are in this text now. In one place both changed the same: there it stands twice, between comments. Keep what is right and save it.
   *[other] Both versions are in this text now. In { $places } places both changed the same: there it stands twice, between comments. Keep what is right and save it.
}
posts-title = Title:
posts-what-differs = What differs
posts-only-in-the-saved-version-only = (− only in the saved version, + only in yours)
posts-only-in-the-saved-version = Only in the saved version:
posts-only-in-yours = Only in yours:
posts-its-whole-text = Its whole text
posts-leave-empty-to-use-the-title = Leave empty to use the title. Old links keep working.
posts-parent-page = Parent page
posts-the-path-of-another-page = The path of another page, such as about/team. Leave empty for a page of its own.
posts-menu-position = Menu position
posts-a-number-the-lowest-comes-first = A number; the lowest comes first. Leave empty to keep it out of the menu.
posts-separated-by-commas-the-first = Separated by commas; the first is shown above the title.
posts-excerpt = Excerpt
posts-shown-under-the-title = Shown under the title and in lists. Leave empty to use the opening lines.
posts-address-of-the-picture = Address of the picture
posts-description = Description
posts-describe-the-picture-for-people = Describe the picture for people who can't see it.
posts-authors = Authors
posts-visibility = Visibility
posts-public = Public
posts-unlisted-link-only = Unlisted (link only)
posts-comments = Comments
posts-site-default = Site default
posts-typography = Typographic quotes and dashes
posts-typography-as-the-site = As the site
posts-typography-on = On
posts-typography-off = Off
posts-language = Language
posts-a-code-such-as-en-de = A code such as en, de, ar or zh-Hant. Leave empty to use the site's.
posts-date = Date
posts-date-hint = When the text is from, if it is older. Leave empty for the moment of publishing.
posts-date-of-publishing = Published { $minute }. Another date moves the post in lists and feeds.
posts-first-published = First published at
posts-if-this-post-appeared-elsewhere-before = If this post appeared elsewhere before.
posts-address = Address
posts-cover = Cover
posts-more = More
posts-history = History
posts-restore-from-the-trash = Restore from the trash
posts-restore-into-sight = Restore and publish again
posts-unpublish-button = Unpublish
posts-pin = Pin to your page
posts-unpin = Unpin from your page
posts-pin-to-front = Pin to the front page
posts-unpin-from-front = Unpin from the front page
posts-move-to-the-trash = Move to the trash
posts-status-trash = In the trash
posts-draft = Draft
posts-unlisted = Unlisted
posts-published = Published
posts-with-changes-not-yet-public = with changes not yet public
posts-with-changes-in-review = with changes in review
posts-with-changes-sent-back = with changes sent back
posts-readers-see-your-name-there-only = Readers see your name there only if you accept. You can then edit the post, and take your name off again at any time.
posts-read-the-post = Read the post
posts-the-post-leaves-your-page = The post leaves your page and your feed, and you can no longer edit it. It stays with its other authors.
posts-accept-button = Accept
posts-decline-button = Decline
posts-take-my-name-off = Take my name off
posts-back-to-your-posts = Back to your posts
posts-drafts = Drafts
posts-pages = Pages
posts-trash-tab = Trash
posts-your-name-on-posts-of-others = Your name on posts of others
posts-you-havent-published-anything-yet = You haven't published anything yet.
posts-see-your-drafts = See your drafts
posts-you-have-no-drafts = You have no drafts.
posts-write-a-post = Write a post
posts-there-are-no-pages-yet = There are no pages yet.
posts-write-a-page = Write a page
posts-the-trash-is-empty = The trash is empty.
posts-see-your-posts = See your posts
posts-title-label = Title
posts-state = State
posts-saved = Saved
posts-actions = Actions
posts-paging = Paging
posts-older-posts = Older posts
posts-more-posts = More posts
posts-find-posts = Find posts
posts-words-of-title-or-text = Words of title or text
posts-words-sought = What you look for
posts-sort = Sort
posts-sort-newest = Newest change first
posts-sort-oldest = Oldest change first
posts-sort-title = By title
posts-sort-published = By date of publishing
posts-show = Show
posts-nothing-found = Nothing here has all the words of “{ $q }”. Try fewer words or another tab, or <a>see everything in this tab</a>.
posts-save = Save
posts-update = Update
posts-publish-button = Publish…
posts-formatting = Formatting
posts-heading = Heading
posts-link = Link
posts-quote = Quote
posts-code = Code
posts-list = List
posts-picture = Picture
posts-text-in-markdown = Text, in Markdown
posts-write-markdown-works-italic-bold-heading = Write. Markdown works: *italic*, **bold**, ## heading.
posts-merge = Merge
posts-keep-both = Keep both
posts-preview-nothing-is-saved-by-looking = Preview – nothing is saved by looking at it.
posts-back-to-the-text = Back to the text
posts-not-published = Not published
posts-author = Author
posts-asked-label = Asked
posts-shown-as-an-author-after-accepting = Shown as an author after accepting
posts-each-is-shown-as-an-author = Each is shown as an author after accepting
posts-none = None
posts-unlisted-only-people-with-the-link = Unlisted: only people with the link; it is in no list and no feed
posts-public-it-goes-to-the-front = Public: it goes to the front page and the feeds
posts-menu = Menu
posts-shown-in-the-site-menu = Shown in the site menu
posts-not-in-the-site-menu-people = Not in the site menu; people come by links
posts-back-to-the-editor = Back to the editor
posts-deleted-for-good-on = until { $date }
posts-trash-is-emptied = What lies here for 30 days is deleted for good, with its versions and comments.
posts-versions-are-thinned = Versions that readers have seen stay for ever. Of the others one for each hour stays after 30 days, and one for each day after 90.
posts-title-preview-links = Share a preview
posts-share-preview = Share a preview
posts-preview-links-lead = A link shows this text, as it was saved last, to whoever has it. It ends by itself, when you revoke it, and when the post is public.
posts-preview-link-made = This is the link. Copy it now: only you have it, and it is shown once.
posts-preview-link-holds-for = The link holds for
posts-days-one = One day
posts-days-seven = Seven days
posts-days-thirty = Thirty days
posts-choose-days = Choose one of these.
posts-make-preview-link = Make a link
posts-preview-links-that-hold = Links that hold
posts-preview-link-until = Until { $time }
posts-revoke-preview-link = Revoke
posts-too-many-preview-links = There are { $most } links already. Revoke one first.
posts-preview-shared = A draft, shared with you by a link that holds until { $time }. It is not public: please do not pass it on without asking.
posts-is-out-already = It is public already: its time has come. You can unpublish it.
posts-schedule = Schedule
posts-unschedule = Unschedule
posts-scheduled = Scheduled
posts-scheduled-earlier-text = Then readers get the text that was scheduled; what was changed since goes out when it is scheduled or published.
posts-schedule-for = Or publish it later, at
posts-schedule-clock = By the clock of { $zone }, where it is { $now } now (UTC{ $offset }).
posts-schedule-in-the-past = Choose a time to come.
posts-schedule-too-late = Choose a time within ten years.
posts-state-scheduled = Scheduled for { $time }
posts-state-scheduled-pending = Scheduled for { $time }, with changes that are not
posts-reschedule = Change<sr> the time of { $title }</sr>
posts-unschedule-of = Unschedule<sr> { $title }</sr>
posts-nothing-scheduled = Nothing is scheduled.
posts-publish-now = Publish now
posts-publish-as-minor = Publish as a minor change
posts-update-as-minor = Update as a minor change
posts-update-as-correction = Publish as a correction…
posts-or-correct = Or publish it as a correction: what was wrong
posts-correction-hint = Readers see this below the post, with the date.
posts-show-difference = Readers can see what changed
posts-publish-correction = Publish the correction
posts-your-remark = The correction
posts-say-what-was-wrong = Say what was wrong.
posts-nothing-to-correct = There is nothing to correct: readers have the newest version, or none yet.
posts-label = { $label ->
    [correction] correction
   *[minor] minor change
}
posts-slips = Worth a look first
posts-slip-picture = A picture has no description for people who can't see it: { $address }
posts-slip-level = A heading skips a level: “{ $heading }”
posts-slip-empty-link = A link has no words: { $address }
posts-slip-dead-link = A link leads to no public post: { $address }
posts-more-slips = { $count ->
    [one] and one more
   *[other] and { $count } more
}
posts-title-submit = Submit for review
posts-submit-button = Submit…
posts-submit = Submit
posts-submit-again = Submit again
posts-submit-of = Submit<sr> { $title }</sr>
posts-review-of = Review<sr> { $title }</sr>
posts-withdraw = Withdraw
posts-read-it = Read it
posts-not-submitted = Not submitted
posts-in-review = In review
posts-nothing-in-review = Nothing is waiting for review.
posts-submitted-by = Submitted by @{ $by }, { $time }.
posts-changed-since-submitted = It was changed since then: the newest version is what will be published.
posts-note-to-the-editor = Note to the editor
posts-note-hint = An editor reads your post, and publishes it or sends it back. You can go on writing meanwhile.
posts-your-note = The note
posts-sent-back = Sent back
posts-sent-back-by = By @{ $by }, { $time }:
posts-send-back = Send back
posts-reply-to-the-author = Or send it back, with what should change
posts-reply-hint = Its authors see this in the editor.
posts-your-reply = The reply
posts-say-what-to-change = Say what should change.
posts-not-in-review = This post isn't in review as you saw it: it was published, withdrawn, sent back or submitted again. Look at it again.
posts-nothing-to-submit = There is nothing new to review: what was saved is public, or planned.
posts-name = Name
posts-the-old-address-and-its-feeds = The old address and its feeds lead to the new one.
posts-what-this-tag-is-about = What this tag is about
posts-plain-text-shown-above-its-posts = Plain text, shown above its posts and to search engines.
posts-into-the-tag = Into the tag
posts-you-will-see-what-changes-before = You will see what changes before it is done.
posts-the-tags-are-merged = The tags are merged.
posts-saved-note = Saved.
posts-the-old-name-can-become = The old name can become a tag of its own. Otherwise it means this tag.
posts-save-the-description = Save the description
posts-continue = Continue…
posts-find-a-tag = Find a tag
posts-name-or-address = Name or address
posts-find = Find
posts-no-public-post-has-a-tag = No public post has a tag yet.
posts-t = /t/

## What the editor's scripts say

posts-editor-not-yet = Not saved yet
posts-editor-saving = Saving…
posts-editor-saved = Saved { $time }
posts-editor-saved-unseen = Saved { $time } – readers see it after Update
posts-editor-offline = Offline – kept on this device
posts-editor-online = Online again – not saved yet
posts-editor-no-answer = Not saved – the server does not answer; kept on this device
posts-editor-signed-out = Not saved – your session has ended; kept on this device.
posts-editor-other-account = This text belongs to @{ $user }: sign in with that account.
posts-editor-close = Not now
# $why is one of the three below, a fault of a field, or a link “saved elsewhere”, which stands at the end.
posts-editor-not-saved = Not saved – { $why }
# $status is a number such as 503.
posts-editor-refused = the server answered { $status }; kept on this device
posts-editor-correct = please correct { $fields }
posts-editor-elsewhere = saved elsewhere
posts-editor-found = Unsaved draft from { $time } found on this device.
posts-editor-restore = Restore it
posts-editor-compare = Compare
posts-editor-discard = Discard
# Stands in the text until the description of a picture is typed.
posts-editor-blocks = Insert
posts-block-heading = Heading
posts-block-subheading = Subheading
posts-block-numbers = Numbered list
posts-block-tasks = Task list
posts-block-table = Table
posts-block-divider = Divider
posts-block-footnote = Footnote
posts-editor-alt = what the picture shows
posts-preview-making = Making the preview…
# $why is one of the two below, or a fault of a field.
posts-preview-failed = No preview – { $why }
posts-preview-no-answer = the server does not answer; your text is kept
posts-preview-signed-out = sign in again in another tab

## History

posts-title-history = History
posts-history-of = Every version of “{ $title }” that was kept, the newest first.
posts-title-version = Version { $number }
posts-version-seen = readers see this one
posts-all-versions = All versions
posts-newest-versions = Newest versions
posts-older-versions = Older versions
posts-bring-version-back = Bring this version back
posts-bring-version-back-hint = Its title, text, excerpt, cover and language become the newest version. Address, date, authors, tags and visibility stay as they are now.
posts-readers-see-it-when-you-update = Readers see it when you update the post.
posts-version-not-restored = Version { $number } was saved meanwhile, so nothing has changed yet. Below is how the two differ.
posts-changed-between = What changed from version { $old } to version { $new }
posts-signs-of-versions = (− only in version { $old }, + only in version { $new })
posts-only-in-version = Only in version { $number }:
posts-versions-are-the-same = Text and settings are the same.
posts-first-version = The first version that was kept
posts-compare-with-the-newest = Compare with the newest version
posts-differences-as-readers-see-them = Compare as readers see them
posts-differences-as-text = Compare as they were typed
posts-moved = Moved here

## Acts on many posts

posts-bulk-title = Several posts
posts-bulk-choose-all = Choose all on this page
posts-bulk-choose-one = Choose { $title }
posts-bulk-lead = With the posts that are ticked:
posts-bulk-chosen = { $count ->
    [one] { $count } post chosen
   *[other] { $count } posts chosen
}
posts-bulk-act = { $act ->
    [publish] Publish…
    [unpublish] Unpublish…
    [tag] Add a tag…
    [trash] Move to trash…
   *[restore] Restore…
}
posts-bulk-question = { $act ->
    [publish] Publish { $count } { $count ->
        [one] post
       *[other] posts
    }?
    [unpublish] Unpublish { $count } { $count ->
        [one] post
       *[other] posts
    }?
    [tag] Add a tag to { $count } { $count ->
        [one] post
       *[other] posts
    }
    [trash] Move { $count } { $count ->
        [one] post
       *[other] posts
    } to the trash?
   *[restore] Restore { $count } { $count ->
        [one] post
       *[other] posts
    }?
}
posts-bulk-do = { $act ->
    [publish] Publish { $count } { $count ->
        [one] post
       *[other] posts
    }
    [unpublish] Unpublish { $count } { $count ->
        [one] post
       *[other] posts
    }
    [tag] Add to { $count } { $count ->
        [one] post
       *[other] posts
    }
    [trash] Move { $count } { $count ->
        [one] post
       *[other] posts
    } to the trash
   *[restore] Restore { $count } { $count ->
        [one] post
       *[other] posts
    }
}
posts-bulk-done = { $act ->
    [publish] { $count ->
        [0] Nothing was published.
        [one] { $count } post published.
       *[other] { $count } posts published.
    }
    [unpublish] { $count ->
        [0] Nothing was unpublished.
        [one] { $count } post unpublished.
       *[other] { $count } posts unpublished.
    }
    [tag] { $count ->
        [0] No post got the tag.
        [one] { $count } post has the tag now.
       *[other] { $count } posts have the tag now.
    }
    [trash] { $count ->
        [0] Nothing was moved to the trash.
        [one] { $count } post moved to the trash.
       *[other] { $count } posts moved to the trash.
    }
   *[restore] { $count ->
        [0] Nothing was restored.
        [one] { $count } post restored.
       *[other] { $count } posts restored.
    }
}
posts-bulk-undone = { $count ->
    [0] Nothing was undone.
    [one] Undone for { $count } post.
   *[other] Undone for { $count } posts.
}
posts-bulk-not-done = { $count ->
    [one] { $count } post is as it was
   *[other] { $count } posts are as they were
}
posts-bulk-stays = { $count ->
    [one] { $count } post stays as it is
   *[other] { $count } posts stay as they are
}
posts-bulk-unseen = { $count ->
    [one] { $count } post that is not there any more
   *[other] { $count } posts that are not there any more
}
posts-bulk-publish-effect = Everyone can read this at once, and feeds bring it to subscribers.
posts-bulk-unpublish-effect = This becomes a draft. Readers can't see it any more, and links to it lead nowhere until you publish it again.
posts-bulk-tag-effect = What is public shows the tag at once. Posts with changes that are not public yet show it when you publish those.
posts-bulk-trash-effect = { $count ->
    [0] Readers see nothing of this now. You can restore it for 30 days.
    [one] Readers lose one post that they can see now. You can restore it for 30 days.
   *[other] Readers lose { $count } posts that they can see now. You can restore them for 30 days.
}
posts-bulk-restore-effect = { $count ->
    [0] This comes back as a draft.
    [one] One post was public and is so again at once. Others come back as drafts.
   *[other] { $count } posts were public and are so again at once. Others come back as drafts.
}
posts-bulk-tag = Tag
posts-bulk-cancel = Cancel
posts-bulk-back = Back to your posts
posts-bulk-choose = Tick at least one post.
posts-bulk-too-many = Choose at most { $max } posts at once.
posts-bulk-choose-a-tag = Type the tag that they are to have.
posts-bulk-one-tag = Type one tag, without commas.
posts-bulk-no-such-act = This can't be done to several posts at once.
posts-bulk-no-such-post = A post in this form is not named as the dashboard names it. Load the page again.
posts-bulk-published-already = It is public already.
posts-bulk-has-changes = It is public, with changes that are not. Publish these from its own page.
posts-bulk-is-scheduled = It is scheduled. Change that on its own page.
posts-bulk-is-a-draft = It is a draft already.
posts-bulk-in-the-trash-already = It is in the trash already.
posts-bulk-not-in-the-trash = It is not in the trash.
posts-bulk-has-the-tag = It has the tag already.
posts-bulk-not-reached = The site could not get to it in time. Look at it, and try again.
posts-bulk-changed-since = It has changed since.

## Copies and templates

posts-copy-of = Copy of { $title }
posts-duplicate = Duplicate<sr> { $title }</sr>
posts-duplicate-button = Duplicate
posts-templates = Templates
posts-template = Template
posts-no-templates = You have no templates. Make a draft one, and begin other posts from it.
posts-use-template = New post<sr> from { $title }</sr>
posts-make-template = Make template<sr> of { $title }</sr>
posts-make-template-button = Use as a template
posts-unmake-template = Make draft<sr> of { $title }</sr>
posts-unmake-template-button = Make it a draft again
posts-state-template = Template
posts-is-a-template = This is a template, which is never public. Begin a post from it, or make it a draft first.
posts-not-a-draft = Only a draft of a post can become a template.
posts-too-many-templates = You can have at most { $max } templates. Make one of them a draft again first.
posts-more-acts = More<sr> with { $title }</sr>
