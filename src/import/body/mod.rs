//! Turns what the old generator would have worked out at build time into plain Markdown, and says in warnings what it
//! did. Code stays as it is, and every byte that belongs to none of the constructs below is copied unchanged.

mod args;
mod dialect;
mod known;
mod marks;
mod mdx;
mod pieces;
pub(super) mod prose;
mod references;
mod tags;
mod verbatim;

use super::generator::Generator;
use super::pages::Linking;
use super::warnings::Warnings;
use super::{pages, text};
use crate::import::file_name;
pub(super) use args::destination;
use dialect::Dialect;
use pieces::Piece;

pub(super) struct Converted {
    pub(super) text: String,
    /// Plain text before a more-mark.
    pub(super) excerpt: Option<String>,
}

pub(super) fn convert(
    body: &str,
    kind: Generator,
    linking: &Linking<'_>,
    warnings: &mut Warnings,
) -> Converted {
    let dialect = match kind {
        Generator::Hugo => Dialect::Hugo,
        Generator::Jekyll | Generator::Hexo => Dialect::Liquid,
        Generator::Zola => Dialect::Zola,
        Generator::Plain => Dialect::None,
    };
    let mut text = tags::replace(body, dialect, linking, warnings);
    let may_be_mdx = !matches!(kind, Generator::Hugo | Generator::Zola);
    if file_name::extension(linking.from) == "mdx" || may_be_mdx && mdx::is_likely(&text) {
        text = mdx::replace(&text, warnings);
    }
    if kind == Generator::Jekyll {
        text = marks::without_attribute_lists(&text, warnings);
        text = marks::with_encoded_blanks(&text, warnings);
    }
    if kind == Generator::Zola {
        text = marks::with_plain_page_links(&text, linking, warnings);
    }
    text = pages::with_addresses(&text, linking, warnings);
    let (text, excerpt) = marks::without_more(text, warnings);
    marks::note_pictures(&text, warnings);
    let excerpt = excerpt
        .map(|before| text::plain(&before))
        .filter(|text| !text.is_empty());
    Converted { text, excerpt }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::pages::NoPages;

    fn run(kind: Generator, body: &str) -> (String, Vec<String>) {
        let mut warnings = Warnings::default();
        let converted = convert(
            body,
            kind,
            &Linking {
                from: "a.md",
                pages: &NoPages,
            },
            &mut warnings,
        );
        (converted.text, warnings.into_vec())
    }

    fn check(kind: Generator, cases: &[(&str, &str)]) {
        for (body, want) in cases {
            let (text, warnings) = run(kind, body);
            assert_eq!(&text, want, "{body:?}");
            assert_eq!(warnings.is_empty(), body == want, "{body:?} {warnings:?}");
        }
    }

    #[test]
    fn hugo_shortcodes() {
        check(
            Generator::Hugo,
            &[
                (
                    "a {{< youtube abc >}} b",
                    "a <https://www.youtube.com/watch?v=abc> b",
                ),
                ("{{% note %}}\n**in**\n{{% /note %}}\n", "\n**in**\n\n"),
                (
                    "{{< figure src=\"https://e.org/a.png\" alt=\"A\" />}}",
                    "![A](https://e.org/a.png)",
                ),
                (
                    "{{< highlight go \"linenos=true\" >}}\nx := `{{< a >}}`\n{{< /highlight >}}",
                    "\n```go\nx := `{{< a >}}`\n```\n",
                ),
                ("[t]({{< ref \"/x\" >}} \"T\")", "[t](/x \"T\")"),
                ("[t]({{<relref \"a/b.md#c\">}})", "[t](/a/b/#c)"),
                ("{{< odd 1 >}}!", "!"),
                ("{{< comment >}}{{< b >}}{{< /comment >}}x", "x"),
                (
                    "`{{< odd >}}`\n\n```\n{{< odd >}}\n```\n",
                    "`{{< odd >}}`\n\n```\n{{< odd >}}\n```\n",
                ),
                (
                    "{% liquid %} {{ .Title }} {: .x}",
                    "{% liquid %} {{ .Title }} {: .x}",
                ),
            ],
        );
        assert_eq!(
            run(Generator::Hugo, "{{</* a b */>}} `{{</* c */>}}`").0,
            "{{< a b >}} `{{< c >}}`"
        );
        assert_eq!(
            run(Generator::Hugo, "{{< odd 1 >}}").1,
            ["\"{{< odd 1 >}}\" was removed: it has no counterpart here"]
        );
    }

    #[test]
    fn liquid_tags() {
        check(
            Generator::Jekyll,
            &[
                (
                    "{% highlight ruby linenos %}\nputs `x`\n{% endhighlight %}",
                    "\n```ruby\nputs `x`\n```\n",
                ),
                (
                    "[a]({% post_url /x/2016-03-02-Some-name %})",
                    "[a](/2016/03/02/Some-name.html)",
                ),
                ("[a]({% link about.md %})", "[a](/about.html)"),
                ("[a]({{ site.baseurl }}/x)", "[a](/x)"),
                ("![a]({{ '/x.png' | relative_url }})", "![a](/x.png)"),
                ("{% include sig.html %}x", "x"),
                (
                    "{% include video/youtube.html id=\"abc\" %}",
                    "<https://www.youtube.com/watch?v=abc>",
                ),
                ("{%- if a -%}in{% else %}out{% endif %}", "inout"),
                ("{% comment %}\n{% raw %}\n{% endcomment %}x", "x"),
                (
                    "{% figure caption:\"Cap\" %}\n![a](https://e.org/a.png)\n{% endfigure %}",
                    "\n![a](https://e.org/a.png)\n\nCap\n",
                ),
                ("a\n{: .cls #id}\n[b](c){:.btn}", "a\n[b](c)"),
                ("{% assign x = 1 %}{% odd %}", ""),
                ("`{% odd %}` and {:?} stay", "`{% odd %}` and {:?} stay"),
            ],
        );
        assert_eq!(
            run(
                Generator::Jekyll,
                "{% raw %}{{ a }}{% endraw %} `{% raw %}{{ b }}{% endraw %}`"
            )
            .0,
            "{{ a }} `{{ b }}`"
        );
        let (text, warnings) = run(Generator::Jekyll, "by {{ page.author }}");
        assert_eq!(text, "by {{ page.author }}");
        assert_eq!(
            warnings,
            ["\"{{ page.author }}\" is a value of the old site and was left in the text as it is"]
        );
    }

    #[test]
    fn hexo_and_zola_tags() {
        check(
            Generator::Hexo,
            &[
                (
                    "{% blockquote Ann Lee %}\nSo it is.\n{% endblockquote %}",
                    "\n> So it is.\n>\n> — Ann Lee\n",
                ),
                (
                    "{% codeblock lang:js mark:1 %}\nx\n{% endcodeblock %}",
                    "\n```js\nx\n```\n",
                ),
                ("{% img left /a.png %}", "![](/a.png)"),
                ("{% vimeo 42 %}", "<https://vimeo.com/42>"),
            ],
        );
        check(
            Generator::Zola,
            &[
                (
                    "{{ youtube(id=\"abc\") }}",
                    "<https://www.youtube.com/watch?v=abc>",
                ),
                ("{% quote(author=\"x\") %}in{% end %}", "in"),
                ("{{ odd(a=[1]) }}x", "x"),
                ("[a](@/blog/b.md#c)", "[a](/blog/b/#c)"),
                (
                    "{{closure}} {{ value }} `{{ f() }}`",
                    "{{closure}} {{ value }} `{{ f() }}`",
                ),
            ],
        );
    }

    #[test]
    fn more_marks_give_the_excerpt() {
        let mut warnings = Warnings::default();
        let converted = convert(
            "One *two*.\n\n<!-- more -->\n\nThree `<!--more-->`",
            Generator::Plain,
            &Linking {
                from: "a.md",
                pages: &NoPages,
            },
            &mut warnings,
        );
        assert_eq!(converted.text, "One *two*.\n\n\n\nThree `<!--more-->`");
        assert_eq!(converted.excerpt.as_deref(), Some("One two."));
    }

    #[test]
    fn bytes_outside_constructs_stay() {
        let body = "\u{feff}Tab\t\r\nNFD e\u{301}, ZWNJ \u{200c}\r\n\r\n    {: code}\n<div>{{ x }}</div>\n{#id} {{< a >}}\n";
        assert_eq!(run(Generator::Plain, body).0, body);
    }
}
