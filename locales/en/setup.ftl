# Setting a site up, and its settings.

setup-title-welcome = Welcome
setup-title-site = Site
setup-wrong-code = This is not the code that masthead serve printed when it started.
setup-choose-of-three = Choose one of the three.
setup-choose-of-four = Choose one of the four.
setup-a-tagline = A tagline
setup-a-description = A description
setup-accent-unreadable = A colour is # and six digits of 0–9 and a–f, such as #a3361f.
setup-time-zone-unknown = Choose a time zone from the list.
setup-footer-too-many = The foot of a page has room for { $most } links.
setup-footer-line = Line { $number } needs a title, a bar and an address, such as Imprint | /imprint
setup-footer-title = The title in line { $number }
setup-footer-address = The address in line { $number } must begin with /, https:// or mailto:
setup-front-unknown = Choose one of the list: readers cannot see such a page.
setup-language-missing = A site needs a language, such as en.
setup-the-site-name = The site’s name
setup-name-missing = The site needs a name.

## Pages

setup-name = Name
setup-tagline = Tagline
setup-one-sentence-shown-on-the-front = One sentence, shown on the front page and in feeds.
setup-language = Language
setup-a-code-such-as-en-de = A code such as en, de or ar. Posts can have another.
setup-who-can-sign = Who can sign up
setup-new-members-are = New members are
setup-an-invitation-can-say-otherwise = An invitation can say otherwise.
setup-comments = Comments
setup-authors-can-choose-otherwise-for-each = Authors can choose otherwise for each post.
setup-description = Description
setup-description-hint = For search engines, and beside the posts of the front page. Leave empty to use the tagline.
setup-footer-links = Links in the footer
setup-footer-links-hint = A line for each, up to six: the title, a bar, the address. Imprint | /imprint
setup-group-site = The site
setup-group-look = Look
setup-group-people = People and comments
setup-accent = Accent colour
setup-accent-hint = For links and buttons, such as #a3361f. Leave empty to use the colour of the design.
setup-accent-choose = Choose the accent colour
setup-accent-lighter-in-dark = Dark pages show it lighter, as { $dark }, so that words in it can be read.
setup-accent-darker-in-light = Light pages show it darker, as { $light }, so that words in it can be read.
setup-accent-corrected = Light pages show it as { $light } and dark pages as { $dark }, so that words in it can be read.
setup-accent-on-light = Light
setup-accent-on-dark = Dark
setup-time-zone = Time zone
setup-time-zone-hint = Days and months of posts, comments and the archive are counted in it.
setup-front = Front page
setup-front-hint = The newest posts are also at /newest, whatever you choose.
setup-front-magazine = Magazine: a lead story, then posts by month
setup-front-list = List: the newest posts, one below the other
setup-front-page = One page
setup-drop-cap = Large first letters
setup-drop-cap-hint = Posts that begin with a long paragraph begin with a letter three lines high.
setup-pictures = Pictures
setup-logo = Logo
setup-logo-hint = Shown in place of the name, on light and dark pages. PNG, JPEG, GIF or WebP, up to 5 MB.
setup-icon = Icon
setup-icon-hint = For browser tabs and home screens. Square, at least 180 × 180 pixels.
setup-social = Social image
setup-social-hint = Shown with links to the front page and to lists; a link to a post without a cover shows its title. At least 600 × 315 pixels, best 1200 × 630.
setup-picture-upload = Upload
setup-picture-none = None
setup-picture-remove = Remove
setup-typography = Typographic quotes and dashes
setup-typography-hint = Readers see “quotes” and dashes as the language has them. What was typed stays as it is, and authors can choose otherwise for each post.
setup-saved = Saved.
setup-see-the-front-page = See the front page
setup-anyone = Anyone
setup-people-with-an-invitation = People with an invitation
setup-no-one = No one
setup-save = Save
setup-set-up-code = Set-up code
setup-it-proves-that-the-server = It proves that the server is yours: masthead serve printed it when it started.
setup-name-of-the-site = Name of the site
setup-username = Username
setup-2-30-characters-letters-digits = 2–30 characters: letters, digits, - or _. Your page will be /@username
setup-display-name = Display name
setup-how-others-see-you-leave-empty = How others see you. Leave empty to use your username.
setup-e-mail-address = E-mail address
setup-password = Password
setup-at-least-8-characters-a-short = At least 8 characters. A short sentence works well.
setup-new-site = New site
setup-set-up-your-blog = Set up your blog
setup-two-minutes-a-name = Two minutes: a name for the site and an account for you. Everything can be changed later.
setup-first-a-check = First, a check
setup-the-site = The site
setup-you-the-owner = You, the owner
setup-a-first-look = A first look
setup-load-sample-content = Load sample content
setup-a-few-authors-posts-that-show = A few authors, posts that show every kind of formatting, and comment threads.
setup-create-the-site = Create the site

## The overview of the administration

setup-title-admin = Your site
setup-make-it-yours = Make it yours
setup-step-look = <a>Say what the site is about</a>: a tagline, its language, who may join.
setup-step-post = <a>Write the first post.</a>
setup-step-invite = <a>Invite the people</a> who will write with you.
setup-step-import = Bring what you have written elsewhere. On the server: <code>masthead import markdown DIRECTORY</code>
setup-step-done = Done
setup-what-waits = What waits
setup-nothing-waits = Nothing waits for you.
setup-held = { $count ->
    [one] One comment waits for approval
   *[other] { $count } comments wait for approval
}
setup-reported = { $count ->
    [one] One comment is reported
   *[other] { $count } comments are reported
}
setup-failed-jobs = { $count ->
    [one] One job in the background has failed
   *[other] { $count } jobs in the background have failed
}
setup-places = Everything else
setup-about-site = Name, language, who may join, comments
setup-about-people = Accounts and their roles
setup-about-tags = Names, descriptions, merging
setup-about-invitations = Links that let people join
setup-about-comments = What waits for approval or is reported, on the whole site
setup-samples = Sample posts
setup-samples-hint = They show what a site can look like. Removing them takes their authors and comments along; what people have edited stays.
setup-samples-remove = Remove the samples

## Jobs in the background

setup-title-jobs = Jobs
setup-about-jobs = What the site does in the background, and what failed there
setup-jobs-failed = Failed
setup-no-job-failed = No job has failed.
setup-jobs-failed-hint = These were tried as often as they may be, and are not tried again by themselves.
setup-job-attempts = { $attempts ->
    [one] Tried once, asked for { $time }
   *[other] Tried { $attempts } times, asked for { $time }
}
setup-job-correlation = Correlation id { $id }
setup-retry-job = Try again<sr> { $kind }</sr>
setup-retry-all-jobs = Try all again
setup-jobs-pending = In progress
setup-no-job-pending = Nothing is to be done.
setup-jobs-of-kind = { $running } running, { $due } due, { $later } later.
setup-next-job = Next { $time }.
setup-job-last-error = Last error: { $error }
