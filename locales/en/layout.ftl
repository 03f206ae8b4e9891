# What stands on every page, and parts of many.

## Dates

layout-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
# The heading of a list of posts.
layout-month-of-year = { $month } { $year }
layout-day = { $day } { $month } { $year }
layout-minute = { $day } { $month } { $year }, { $time } { $zone }

## Parts of many pages

layout-please-correct = { $count ->
    [one] Please correct one thing
   *[other] Please correct { $count } things
}
layout-your-menu = Your menu, { $name }
# Between the last two names of a list.
layout-and = and
layout-minutes = { $minutes } min
layout-minutes-read = { $minutes } min read

layout-undo = Undo
layout-admin = Admin
layout-details = Details

## Pages

layout-main = Main
layout-menu = Menu
layout-newest = Newest
layout-tags = Tags
layout-authors = Authors
layout-archive = Archive
layout-write = Write
layout-dashboard = Dashboard
layout-comments = Comments
layout-your-page = Your page
layout-settings = Settings
layout-site = Site
layout-people = People
layout-invitations = Invitations
layout-jobs = Jobs
layout-sign-out = Sign out
layout-sign-in = Sign in
layout-not-saved = Not saved
layout-optional = optional
layout-pages = Pages
layout-front-page = Front page
layout-atom-feed = Atom feed
layout-rss-feed = RSS feed
layout-json-feed = JSON feed
layout-colours = Theme
layout-system = Auto
layout-light = Light
layout-dark = Dark
layout-paging = Paging
layout-latest = Latest
layout-older-posts = Older posts
layout-administration = Administration
layout-skip-to-the-text = Skip to the text

## What scripts say

layout-just-now = just now
layout-read-only = The site is read-only right now: signing in, saving and commenting are paused. What you are writing stays on this device.
# The list of keys, which “?” opens.
layout-keys = Keys
layout-use-these-keys = Use these keys
layout-close = Close
layout-search = Search
layout-key-next = Next
layout-key-previous = Previous
layout-key-help = This help
