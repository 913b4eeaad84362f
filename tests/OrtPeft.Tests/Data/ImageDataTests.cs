namespace OrtPeft.Tests.Data;

/// <summary>Images come from folders, from columns of paths and from columns of pixels.</summary>
sealed class ImageDataTests
{
    DataFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new();

    [TearDown]
    public void DeleteFolder() => _files.Dispose();

    [Test]
    public void A_folder_has_a_label_for_each_sub_folder()
    {
        foreach (var file in new[] { "set/b/2.PNG", "set/a/1.jpg", "set/b/deep/3.webp", "set/4.bmp", "set/a/notes.txt", "set/a/.hidden.png", "set/a/5.gif" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_files.Path(file))!);
            _files.Write(file, "");
        }
        var data = TextData.FromImageFolder(_files.Path("set"));
        Assert.That(data.Select(e => (e.Id, e.Label)), Is.EqualTo(new (string, string?)[] { ("4.bmp", null), ("a/1.jpg", "a"), ("a/5.gif", "a"), ("b/2.PNG", "b"), ("b/deep/3.webp", "b") }));
        Assert.That(data[1].Image!.Name, Is.EqualTo(Path.Combine(_files.Path("set"), "a/1.jpg")));
        Assert.That(TextData.Load(_files.Path("set")).Select(e => e.Id), Is.EqualTo(data.Select(e => e.Id)));
    }

    [TestCase("d.csv", "image,label\nx/1.png,a\n")]
    [TestCase("d.csv", "text,file,label\nhello,x/1.png,a\n", "file")]
    [TestCase("d.tsv", "image\tlabel\nx/../x/1.png\ta\n")]
    [TestCase("d.jsonl", "{\"image\": \"x/1.png\", \"label\": \"a\"}\n")]
    [TestCase("d.jsonl", "{\"text\": \"hello\", \"file\": \"x/1.png\", \"label\": \"a\"}\n", "file")]
    public void A_column_holds_paths_relative_to_the_file(string name, string content, string? column = null)
    {
        var example = TextData.Load(_files.Write(name, content), new ColumnNames { Image = column }).Single();
        Assert.That((example.Image!.Name, example.Text, example.Label), Is.EqualTo((Path.Combine(_files.Path("x"), "1.png"), "", "a")));
    }

    [Test]
    public void A_text_is_a_text_where_there_is_one()
    {
        Assert.That(TextData.Load(_files.Write("d.csv", "text,image\nhello,1.png\n")).Single().Image, Is.Null);
        Assert.That(TextData.Load(_files.Write("d.jsonl", "{\"text\": \"hello\", \"image\": \"1.png\"}\n")).Single().Image, Is.Null);
    }

    [TestCase("../1.png")]
    [TestCase("/etc/1.png")]
    [TestCase("a/../../1.png")]
    [TestCase("")]
    [TestCase(".")]
    public void A_path_out_of_the_folder_is_refused(string path) =>
        Assert.That(_files.ErrorOf("d.csv", $"image,label\n\"{path}\",a\n"), Is.EqualTo($"d.csv, line 2: the image '{path}' does not lie in the folder of the data file; expected a path relative to that folder, such as images/1.png."));

    [Test]
    public void Columns_of_pixels_are_a_square_image()
    {
        var data = TextData.Load(_files.Write("d.csv", "label,p1,p0,p2,p3\n7,2,4,0,1\n"), new ColumnNames { White = 4 });
        var pixels = data.Single().Image!.Decode();
        Assert.That((pixels.Channels, pixels.Height, pixels.Width, data[0].Label), Is.EqualTo((1, 2, 2, "7")));
        Assert.That(pixels.Levels, Is.EqualTo(new[] { 255, 127.5f, 0, 63.75f }), "in the order of their numbers");
        Assert.That(TextData.Load(_files.Write("k.csv", "label,pixel1,pixel2,pixel3,pixel4\n7,255,0,0,0\n")).Single().Image!.Decode().Levels[0], Is.EqualTo(255));
    }

    [TestCase("label,p0,p1,p2,p3,p4\n7,2,4,0,1,1\n", "d.csv, line 1: 5 columns of pixels ('p0' to 'p4') are no square image; expected 64 for 8 x 8, 784 for 28 x 28.")]
    [TestCase("label,p0,p1,p2,p3\n7,2,4,0,300\n", "d.csv, line 2: the pixel in column 'p3' is '300'; expected a number from 0 to 255, which stands for white (--white says otherwise).")]
    [TestCase("label,p0,p1,p2,p3\n7,2,4,0,x\n", "d.csv, line 2: the pixel in column 'p3' is 'x'; expected a number from 0 to 255, which stands for white (--white says otherwise).")]
    [TestCase("label,p0\n7,2\n", "d.csv, line 1: no column 'text' or 'sentence' or 'content' or 'image'. The columns there are: 'label' and 'p0'.")]
    public void Wrong_pixels_are_named(string content, string message) => Assert.That(_files.ErrorOf("d.csv", content), Is.EqualTo(message));

    [Test]
    public void Bad_images_are_left_out_and_counted()
    {
        Example Of(string id, byte[] bytes) => new() { Id = id, Image = ImageSource.FromBytes(bytes, id) };
        var good = ImageCases.All.Good[0].File;
        var data = TextData.FromExamples([Of("a", good), Of("b", []), Of("c", good), Of("d", "text"u8.ToArray())]);
        var (usable, notice) = BadImages.Skip(data, CancellationToken.None);
        Assert.That(usable.Select(e => e.Id), Is.EqualTo(new[] { "a", "c" }));
        Assert.That(notice, Is.EqualTo("2 of 4 images cannot be used and are left out: b is empty. d is not an image that can be read; expected PNG, JPEG, BMP, WebP."));
        Assert.That(() => BadImages.Skip(TextData.FromExamples([Of("b", [])]), CancellationToken.None), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("None of the 1 images can be used. The first: b is empty."));
        var told = new List<string>();
        Assert.That(BadImages.Skip(data, told.Add).Select(e => e.Id), Is.EqualTo(new[] { "a", "c" }));
        Assert.That(told, Has.Count.EqualTo(2));
    }
}
