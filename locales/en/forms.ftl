# Faults that a field or a form can have anywhere.

forms-not-whole = The form did not arrive whole.
# $max is a number of kilobytes.
forms-too-large = This form may hold at most { $max } kB.
forms-content-type = Send the form as application/x-www-form-urlencoded.
forms-not-utf8 = The field “{ $field }” is not valid UTF-8 text.
forms-nul = The field “{ $field }” holds a NUL character.
forms-repeated = The field “{ $field }” was sent more than once.
# $why is in English, from a library.
forms-not-right = The form is not right: { $why }.
# $what is a message that begins the sentence, such as “A title”.
forms-text-too-long = { $what } can have at most { $max } characters; this one has { $count }.
forms-control-character = { $what } holds a control character.
forms-hidden-characters = { $what } can't contain hidden characters that change the text around them. Type it instead of pasting it.
forms-address-too-long = { $what } can have at most { $max } characters.
forms-address = { $what } must be a full address, starting with https:// or http://.
forms-language = A language is a code such as en, de or zh-Hant.
forms-unsigned = This form was opened before the site was updated, or while another account was signed in. Nothing is lost: what you typed is below. Send it again.

## Pictures that are uploaded

forms-picture-unreadable = This is not a picture that can be read. Use a JPEG, PNG, GIF or WebP file.
forms-picture-too-many-pixels = This picture has { $has } megapixels. A picture of its kind may have at most { $most }: make it smaller, or save it as an ordinary JPEG file, which may have 26.
forms-picture-busy = Other people are changing their pictures right now. Choose yours again in a moment.
forms-picture-not-whole = The upload did not arrive whole. Try again.
forms-picture-too-large = A picture may have at most 5 MB.
forms-picture-missing = Choose a picture first.
forms-picture-too-small = This picture has { $width } × { $height } pixels. It needs at least { $least_width } × { $least_height }.
