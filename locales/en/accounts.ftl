# Accounts: signing up and in, settings, people, invitations.

accounts-a-name = A name
accounts-a-profile-text = A profile text
accounts-a-website = A website
accounts-a-note = A note

## Usernames, addresses, passwords

accounts-username-taken = This username is taken, or looks like one that is.
accounts-made-already = This account was made already.
accounts-email-taken = There is an account with this e-mail address already.
accounts-email-taken-sign-in = There is an account with this e-mail address already. Sign in instead.
# $names is a list such as “@ann, @bea”.
accounts-too-many-usernames-until = An account keeps at most three earlier usernames, and you have { $names }. You can change yours again from { $time }, or once an admin frees one of them.
accounts-too-many-usernames = An account keeps at most three earlier usernames, and you have { $names }. They stay yours because links to your posts use them. You can change yours again once an admin frees one of them.
accounts-username-length = A username has 2 to 30 characters.
accounts-username-look-alikes = This username has characters that only look like letters. Type it with plain letters.
accounts-username-scripts = A username uses letters of one script only.
accounts-username-invisible = A username has letters or digits that can be seen.
accounts-username-reserved = This username is kept for the site itself. Choose another.
accounts-username-characters = A username has only letters, digits, “-” and “_”.
accounts-username-ends = A username begins and ends with a letter or digit.
accounts-username-direction = A username that is read from right to left begins with a letter and has digits of one kind.
accounts-email-incomplete = Enter a full email address, like ann@example.org.
accounts-email-too-long = An e-mail address has at most { $max } characters.
accounts-password-guessable = That password is too easy to guess. Add a few unrelated words.
accounts-password-too-long = A password has at most { $max } characters.
accounts-password-control-character = A password cannot hold control characters, such as a tab.
accounts-password-too-short = A password has at least { $min } characters. A short sentence is easy to remember.
accounts-password-changed-meanwhile = Your password was changed in this moment. Type the new one.
accounts-password-not-current = This is not your current password.
accounts-sign-in-refused = That username and password don't match.

## Pictures


## Invitations and sign-up

accounts-choose-role = Choose one of the roles.
accounts-whole-number = Enter a whole number from 1 to { $max }.
# What the invitation that stands is: $role is one that it may give, $uses the number of people it is for.
accounts-invitation-stands = This form has made an invitation already: { $role } for { $uses ->
        [one] { $uses } person
       *[other] { $uses } people
    }. It stands as it was made. What you entered now is below: send it to make a second one.
accounts-invitation-stands-with-note = This form has made an invitation already: { $role } for { $uses ->
        [one] { $uses } person
       *[other] { $uses } people
    } (“{ $note }”). It stands as it was made. What you entered now is below: send it to make a second one.
accounts-invitation-ended = This form has made an invitation already: { $role } for { $uses ->
        [one] { $uses } person
       *[other] { $uses } people
    }. It is used up, withdrawn or expired. What you entered now is below: send it to make a second one.
accounts-invitation-ended-with-note = This form has made an invitation already: { $role } for { $uses ->
        [one] { $uses } person
       *[other] { $uses } people
    } (“{ $note }”). It is used up, withdrawn or expired. What you entered now is below: send it to make a second one.
accounts-invitation-another = This form has made another invitation already. What you entered now is below: send it to make a second one.
accounts-invitation-used-up = This invitation is used up, withdrawn or too old. Ask for a new one.
accounts-invitation-not-needed = This invitation is used up, withdrawn or too old. Ask for a new one, or clear this field to sign up without an invitation.
accounts-invitation-while-signed-in = You are signed in, and an invitation makes a new account. Sign out before you open it, or ask an admin to change the role of your account.
accounts-form-made-another = This form has made the account @{ $username } already, and nothing of that was changed now. Sign in to it, or send the form again to make another account.
accounts-not-a-role = “role” is not one of the roles.

## After a change

accounts-saved-profile = Your profile is saved.
accounts-saved-account = Your account is saved. Old addresses lead to the new ones.
accounts-saved-password = Your password is changed, and every other session is signed out.
accounts-saved-picture = Your picture is saved.
accounts-removed-picture = Your picture is removed.
accounts-signed-out-elsewhere = Signed out.

## Titles of pages

accounts-title-handles = Earlier usernames
accounts-title-free-handle = Free this username?
accounts-title-invitations = Invitations
accounts-title-people = People
accounts-title-settings = Settings
accounts-title-sign-in = Sign in
accounts-title-sign-up = Sign up
accounts-title-signed-out = Signed out
accounts-title-not-saved = Not saved

## Devices

accounts-device = { $browser } on { $system }
accounts-device-unknown = An unknown device

## Roles

accounts-role = { $role ->
    [contributor] contributor
    [author] author
    [editor] editor
    [moderator] moderator
    [admin] admin
    [owner] owner
   *[reader] reader
}
accounts-role-first-word = { $role ->
    [contributor] Contributor
    [author] Author
    [editor] Editor
   *[reader] Reader
}

## A form that comes back because it could not be taken: labels of what was typed

accounts-form-larger-than-site = This form is larger than the 4 MB that this site reads. Go back in your browser, where your text still is, shorten it and send it again.
accounts-kept-current-password = Current password
accounts-kept-password = Password
accounts-kept-typed = What you typed
accounts-kept-title = Title
accounts-kept-markdown = Text
accounts-kept-comment = Comment
accounts-kept-suggestion = Suggested edit
accounts-kept-slug = Address
accounts-kept-tags = Tags
accounts-kept-excerpt = Excerpt
accounts-kept-canonical-url = First published at
accounts-kept-cover-url = Address of the picture
accounts-kept-cover-alt = Description
accounts-kept-language = Language
accounts-kept-authors = Authors
accounts-kept-parent = Parent page
accounts-kept-details = Details
accounts-kept-description = Description
accounts-kept-name = Name
accounts-kept-bio = About you
accounts-kept-website = Website
accounts-kept-email = Email
accounts-kept-note = Note
accounts-kept-tagline = Tagline
accounts-kept-username = Username
accounts-kept-login = Username or email
accounts-kept-reason = Reason
accounts-kept-site-name = Name of the site

## A form that comes back

accounts-recovery-signed-out = Nothing was saved yet, and nothing is lost: what you typed is on this page. <a>Sign in in a new tab</a>, come back here, and send it again.
# These follow a sentence that says why.
accounts-recovery-copy = Nothing was saved, and nothing is lost: what you typed is on this page. Copy it to keep it.
accounts-recovery-shorten = Nothing was saved, and nothing is lost: what you typed is on this page. Shorten it and send it again.
accounts-recovery-not-saved = Nothing was saved, and nothing is lost: what you typed is on this page.

## Earlier usernames

accounts-earlier-username-of = @<bdi>{ $kept }</bdi> is an earlier username of @<bdi>{ $username }</bdi>.
accounts-free-username-lead = The account can then change its username once more. Anyone can take @<bdi>{ $kept }</bdi> after 90 days; until then, its links still lead to @<bdi>{ $username }</bdi>. This can't be undone.
accounts-keeps-usernames = <a>@<bdi>{ $username }</bdi></a> keeps these. Links with them lead to the account until another account takes the username.
accounts-username-freed = <b>The username is freed.</b> No one can take it for 90 days.
accounts-given-up = Given up { $day }
accounts-free-for-anyone = free for anyone
accounts-free-for-anyone-from = free for anyone from { $time }
accounts-freed-by-admin = freed by an admin, free for anyone from { $time }
accounts-kept-for-posts = kept while the account has public posts
accounts-free-username = Free…<sr> @{ $username }</sr>

## Invitations

accounts-invitation-link = <b>Here is the link.</b> It is shown only once; copy it and send it yourself.
accounts-sign-up-closed = <b>Sign-up is closed.</b> No invitation works until you <a>open it for people with an invitation</a>.
accounts-invitation-used = used { $uses } of { $max }
accounts-invitation-valid-until = valid until { $day }
accounts-revoke-without-note = Revoke<sr> the invitation without a note</sr>
accounts-revoke = Revoke<sr> the invitation for { $note }</sr>

## People

accounts-role-changed = <b><bdi>{ $name }</bdi> is { $role ->
        [contributor] a contributor
        [author] an author
        [editor] an editor
        [moderator] a moderator
        [admin] an admin
        [owner] an owner
       *[reader] a reader
    } now.</b>
accounts-no-match = No one matches “{ $q }”. <a>See everyone</a>
accounts-role-of = Role of { $name }
accounts-change-role = Change<sr> the role of { $name }</sr>

## Settings

accounts-session-times = Signed in { $began }, last seen { $seen }
accounts-sign-out-device = Sign out<sr> { $device }</sr>

## Sign-up

accounts-no-new-members = { $site } takes no new members at the moment.
accounts-by-invitation = { $site } takes new members by invitation. Open the link that you were sent, or <a>sign in</a>.
accounts-invitation-worthless = This invitation is used up, withdrawn or too old. Ask for a new one, or <a>sign in</a>.

## Pages

accounts-you-were-signed-out = You were signed out
accounts-not-saved-yet = Not saved yet
accounts-this-site-has-too-much = This site has too much to do right now, and nothing is lost: what you typed is on this page. Send it again in a few seconds.
accounts-we-cant-find-what-this-form = We can't find what this form belongs to. It may be gone, or your account can't use it. Nothing was saved, and nothing is lost: what you typed is on this page. Copy it, or sign in with another account in a new tab and send it again.
accounts-something-broke-on-our-side = Something broke on our side, and nothing is lost: what you typed is on this page. Send it again in a minute. If it happens again, tell the owner of this site the code below.
accounts-the-site-cant-save-right-now = The site can't save right now, and nothing is lost: what you typed is on this page. Leave it open, and send it again in a minute.
accounts-send-it-again = Send it again
accounts-free-it = Free it
accounts-keep-it = Keep it
accounts-this-account-has-always-had = This account has always had the same username.
accounts-back-to-people = Back to people
accounts-role-label = Role
accounts-role-does = { $role ->
    [contributor] Contributor: writes and submits for review
    [author] Author: writes and publishes
    [editor] Editor: edits and publishes the posts of all
   *[reader] Reader: comments
}
accounts-expires-after-days = Expires after (days)
accounts-number-of-uses = Number of uses
accounts-for-whom = For whom
accounts-only-to-remember = Only to remember it in this list.
accounts-create-link = Create link
accounts-invitations-made = Invitations made
accounts-no-note = No note
accounts-used-up = used up
accounts-expired-or-revoked = expired or revoked
accounts-find-people = Find people
accounts-name-or-address = Name or address
accounts-find = Find
accounts-a-person-whose-role-you-change = A person whose role you change is signed out everywhere, and has to sign in again.
accounts-name = Name
accounts-e-mail = E-mail
accounts-joined = Joined
accounts-earlier-usernames-link = earlier usernames
accounts-paging = Paging
accounts-more = More
accounts-display-name = Display name
accounts-leave-empty-to-use-your-username = Leave empty to use your username.
accounts-about-you = About you
accounts-one-or-two-sentences-shown = One or two sentences, shown on your page and under your posts.
accounts-website = Website
accounts-choose-a-picture = Choose a picture
accounts-png-jpeg-gif-or-webp = PNG, JPEG, GIF or WebP up to 5 MB. We crop it to a square and remove location data.
accounts-username = Username
accounts-it-is-part-of-your-address = It is part of your address. Up to three earlier usernames keep leading to you.
accounts-e-mail-address = E-mail address
accounts-only-the-admins-of-this-site = Only the admins of this site see it.
accounts-current-password = Current password
accounts-to-confirm = To confirm it's you.
accounts-new-password = New password
accounts-at-least-8-characters-every-other = At least 8 characters. Every other device is signed out.
accounts-see-your-page = See your page
accounts-profile = Profile
accounts-save-profile = Save profile
accounts-picture = Picture
accounts-upload = Upload
accounts-remove-the-picture = Remove the picture
accounts-account = Account
accounts-save-account = Save account
accounts-password = Password
accounts-change-password = Change password
accounts-where-signed-in = Where you are signed in
accounts-dont-recognise-a-device-sign = Don't recognise a device? Sign it out and change your password.
accounts-this-device = this device
accounts-sign-out-everywhere-else = Sign out everywhere else
accounts-username-or-email = Username or email
accounts-no-account-yet = No account yet?
accounts-no-account-yet-this-site-takes = No account yet? This site takes new members by invitation: open the link that you were sent.
accounts-invitation = Invitation
accounts-the-part-of-the-link-after = The part of the link after “invitation=”.
accounts-2-30-characters-letters-digits = 2–30 characters: letters, digits, - or _. It is part of your address: /@username
accounts-how-others-see-you-leave-empty = How others see you. Leave empty to use your username.
accounts-at-least-8-characters-a-short = At least 8 characters. A short sentence works well.
accounts-this-site-has-no-owner-yet = This site has no owner yet. As soon as it is set up, its owner decides who can sign up.
accounts-set-up = Set it up
accounts-go-to-the-front-page = Go to the front page
accounts-create-account = Create account
accounts-already-have-an-account = Already have an account?

## Names of guests

# Begins sentences such as “… can have at most 40 characters”.
accounts-guest-name = A name
accounts-guest-name-at = Write your name without an @: those belong to accounts.
accounts-guest-name-taken = This name is, or looks like, that of an account here. Choose another one, or leave it empty.
