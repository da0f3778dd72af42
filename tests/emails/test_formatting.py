"""Formatting: what is written arrives formatted and as text, and nothing in it can do more than be read."""

import pytest

from emails import formatting, merging
from emails.formatting import Body
from emails.templating import WrongTemplate

VALUES = {**merging.FIELDS, "first_name": '<b onclick="x">', "major": "Art & Craft/2"}


def html(body: Body) -> str:
    assert body.html is not None
    return body.html.fill(VALUES).partition("\n<body")[2].partition(">\n")[2].partition("\n</body>")[0]


def of_html(source: str) -> str:
    return html(formatting.body(source, written_as="html"))


def text_of(source: str, *, written_as: str = "html") -> str:
    return formatting.body(source, written_as=written_as).text.fill(VALUES)


def test_plain_text_has_no_html() -> None:
    assert formatting.body("a < b", written_as="text").html is None


def test_markdown_becomes_html_and_text() -> None:
    source = "# Fair\n\nDear **{{ first_name }}**,\ncome [here](https://x.example/).\n\n- one\n- two"
    body = formatting.body(source, written_as="markdown")
    assert "<h1" in html(body)
    assert "<strong>&lt;b onclick=&quot;x&quot;&gt;</strong>,<br>" in html(body)
    assert body.text.fill(VALUES) == (
        'Fair\n\nDear <b onclick="x">,\ncome here <https://x.example/>.\n\n- one\n- two\n'
    )


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("a<script>alert(1)</script>b", "ab"),
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ("<img src=x onerror=alert(1)>", "<img>"),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href="data:text/html,x">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ("<form action=https://x.example><input name=a>b</form>", "b"),
        ("<iframe src=https://x.example></iframe>a<svg onload=x></svg>", "a"),
        ("<p style='position:fixed;background-image:url(https://x.example);color:red'>a</p>", "color:red"),
        ("<!-- [if mso]><script>x</script><![endif] -->a", "a"),
        ("<meta http-equiv=refresh content=0><base href=//x.example>a", "a"),
        ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"),
    ],
)
def test_what_could_do_more_than_be_read_is_taken_out(source: str, left: str) -> None:
    result = of_html(source)
    assert left in result
    for bad in ("script", "onclick", "onerror", "javascript", "position", "url(", "<form", "<input", "<base"):
        assert bad not in result


def test_style_sheet_is_inlined() -> None:
    assert of_html("<style>b { color: blue }</style><b>a</b>") == '<b style="color:blue">a</b>'


def test_value_in_an_address_is_encoded() -> None:
    shown = of_html('<a href="https://x.example/?m={{ major }}">a</a>')
    assert 'href="https://x.example/?m=Art%20%26%20Craft%2F2"' in shown


def test_value_in_an_attribute_cannot_end_it() -> None:
    assert '"&lt;b onclick=&quot;x&quot;&gt;"' in of_html('<img alt="{{ first_name }}">')


@pytest.mark.parametrize(
    "source",
    [
        "<a href='{{ major }}'>a</a>",
        "<a href='java{{ major }}:alert(1)'>a</a>",
        "<a href='https://{{ major }}/'>a</a>",
        "<img src='https://x.example/{{ major }}'>",
        "<{{ major }}>a",
        "<scr{{ major }}ipt>a",
        "<p {{ major }}>a",
        "<p style='color: {{ major }}'>a",
        "<style>{{ major }}</style>",
        "<script>{{ major }}</script>",
        "<!-- {{ major }} -->",
    ],
)
def test_field_outside_of_texts_is_refused(source: str) -> None:
    with pytest.raises(WrongTemplate, match=r"major.* stands where HTML has no place for text"):
        formatting.body(source, written_as="html")


def test_braces_of_characters_are_no_field() -> None:
    source = "&#123;{ major }} {% if major %}<i>{{ major }}</i>{% endif %}"
    assert of_html(source) == "&#123;{ major }} <i>Art &amp; Craft/2</i>"
    assert text_of(source) == "{{ major }} Art & Craft/2\n"


def test_wrong_field_in_html_is_named() -> None:
    with pytest.raises(WrongTemplate, match="Did you mean major"):
        formatting.body("<p>{{ mayor }}</p>", written_as="html")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a</p>\n<p>b <b>c</b></p>", "a\n\nb c\n"),
        ("<ol start=3><li>a<li>b</ol>c", "3. a\n4. b\n\nc\n"),
        ("<ul><li>a<ul><li>b</ul></ul>", "- a\n  - b\n"),
        ("<table><tr><td>a<td>b</tr><tr><td>c<td>d</tr></table>", "a  b\nc  d\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("<a href='mailto:a@x.example'>a@x.example</a>", "a@x.example\n"),
        ("<a href='https://x.example'><img alt='Fair'></a>", "[Fair] <https://x.example>\n"),
        ("a<br>b<hr>c", "a\nb\n\n---\n\nc\n"),
        ("a &lt;b&gt;", "a <b>\n"),
    ],
)
def test_text_is_made_from_html(source: str, text: str) -> None:
    assert text_of(source) == text


def test_fields_that_leave_a_gap_are_those_of_both_forms() -> None:
    body = formatting.body("<a href='https://x.example/{{ number }}'>{{ major }}</a>", written_as="html")
    assert body.needed == {"number", "major"}


def test_body_is_compiled_once() -> None:
    assert formatting.body("<b>a</b>", written_as="html") is formatting.body("<b>a</b>", written_as="html")


@pytest.mark.parametrize("field", ["{{ major }}", "{{ major | url_encode }}", "{{major|url_encode-}}"])
@pytest.mark.parametrize("written_as", ["html", "markdown"])
def test_field_in_a_link_is_encoded_once_also_where_its_author_did_so(field: str, written_as: str) -> None:
    link = f"https://x.example/?subject={field}"
    source = f'<a href="{link}">look</a>' if written_as == "html" else f"[look]({link})"
    encoded = "https://x.example/?subject=Art%20%26%20Craft%2F2"
    assert f'"{encoded}"' in html(formatting.body(source, written_as=written_as))
    assert encoded in text_of(source, written_as=written_as)


@pytest.mark.parametrize("field", ["{{ major }}", "{{ major | upcase | url_encode }}", "{{ major | strip }}"])
@pytest.mark.parametrize(
    "address", ["https://x.example/", "https://x.example/?q=", "mailto:a@x.example?subject="]
)
def test_blanks_are_right_in_every_part_of_an_address(address: str, field: str) -> None:
    body = formatting.body(f'<a href="{address}{field}">look</a>', written_as="html")
    values = {**VALUES, "major": "Computer Science"}
    assert body.html
    assert f'"{address}computer%20science"' in body.html.fill(values).lower()
    assert "computer%20science" in body.text.fill(values).lower()
