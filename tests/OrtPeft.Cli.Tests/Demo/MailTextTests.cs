using NUnit.Framework;

namespace OrtPeft.Tests.Demo;

sealed class MailTextTests
{
    [TestCase("Subject: hello\n\nbody", "hello\nbody")]
    [TestCase("Subject: hello", "hello\n")]
    [TestCase("From: me\n\nbody", "\nbody")]
    [TestCase("", "\n")]
    [TestCase("From: me\r\nSUBJECT:a\r\n b\r\n\tc\r\nTo: you\r\n d\r\n\r\nx\ry", "a b c\nx y")]
    [TestCase("Subject: Re: [ILUG] [a[b]c] late\n\n", "Re: [a c] late\n")]
    [TestCase("X: 1\n\nSubject: not a header\n\nmore", "\nSubject: not a header more")]
    public void Subject_and_body_are_kept(string mail, string text) => Assert.That(MailText.From(mail), Is.EqualTo(text));

    [TestCase("keep\n \tContent-Type: text/html\n--boundary\n  charSET=x\nkeep too", "keep keep too")]
    [TestCase("THIS IS A MULTI-PART MESSAGE IN MIME FORMAT.\nx\nX-Mailer: y", "x")]
    [TestCase("AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEEFFFFFFFFF=\nb", "b")]
    [TestCase("AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEEFFFFFFFFF\nb", "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEEFFFFFFFFF b")]
    [TestCase("so=\nft =41=3D=E9=2 =7F", "soft A= =2")]
    [TestCase("a<STYLE type=x>p{\n}</Style >b<script>if (1<2)</script>c<!-- <b> \n y -->d<br>e", "a b c d e")]
    [TestCase("<style>never closed", "never closed")]
    [TestCase("<\u017Ftyle>x</\u017Ftyle>", "x")]
    [TestCase("1 &lt; 2&nbsp;&amp;lt; &quot;&gt;&quot; &eacute;", "1 < 2 &lt; \">\" &eacute;")]
    [TestCase("\t a \u00A0\v b\u2003c \f", "a b\u2003c")]
    public void Markup_is_removed_from_the_body(string body, string text) => Assert.That(MailText.From("\n\n" + body), Is.EqualTo("\n" + text));

    // Twenty thousand openings that are never closed: quadratic at worst, a fraction of a second; a careless pattern would take hours.
    [TestCase("<style>", "")]
    [TestCase("<script ", "<script")]
    [TestCase("<!--", "<!--")]
    [TestCase("<", "<")]
    [TestCase("=4;", "=4;")]
    [TestCase("=41;", "A;")]
    [TestCase(" ", "")]
    [TestCase("&amp;lt;", "&lt;")]
    public void Hostile_markup_does_not_stall(string piece, string remains)
    {
        var text = MailText.From("Subject: x\n\n" + string.Concat(Enumerable.Repeat(piece, 20_000)));

        Assert.That(text, Does.StartWith("x\n" + remains));
        Assert.That(text, Has.Length.LessThanOrEqualTo(2 + 20_000 * piece.Length));
    }
}
