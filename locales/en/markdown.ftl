# Why a text is not rendered.

markdown-nul = The text holds a NUL character on line { $line }. Remove it; it often comes from a file that is not plain text.
markdown-too-long = The text is longer than { $max } KiB. Shorten it or split it into several parts.
markdown-quotes-too-deep = Line { $line } starts more than { $max } quotes inside each other. Remove some of its “>” signs.
markdown-too-deep = Elements are nested more than { $max } levels deep where a { $element } begins. Close or remove some of the quotes, lists, emphasis or HTML tags around it.
markdown-too-many-elements = The text becomes more than { $max } elements. Split it into several parts, or remove long runs of marks.
markdown-too-slow = The part that begins in line { $line } takes too long to read as Markdown. Look there for very long runs of signs such as * _ [ ] ` or {"<"}, and remove them.
markdown-html-too-slow = The HTML of this text takes too long to check. Look for many tags that are never closed, and close them.
markdown-tag-too-long = A tag { $element } is too long: it holds more than { $max } blanks and quotation marks. Shorten it.
markdown-too-many-signs = The part that begins “{ $start }” holds too many special signs (& or letters such as § and é) without a break. Divide it into paragraphs.
