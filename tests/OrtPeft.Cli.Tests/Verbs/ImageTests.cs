namespace OrtPeft.Tests;

/// <summary>The verbs on images: a folder of dark and bright pictures, a vision Transformer.</summary>
sealed class ImageTests
{
    const int Side = 12;

    static readonly string Model = Path.Combine(AppContext.BaseDirectory, "onnx-models", "vit-digits");

    static readonly Lazy<Workplace> Place = new(() =>
    {
        var place = new Workplace();
        for (var i = 0; i < 24; i++)
        {
            var bright = i % 2 == 0;
            Directory.CreateDirectory(place[$"pictures/{(bright ? "bright" : "dark")}"]);
            File.WriteAllBytes(place[$"pictures/{(bright ? "bright" : "dark")}/{i}.bmp"], Bitmap(i, bright ? 200 : 20));
        }
        place.Run([.. Train, "--out", "pictures-adapter"]).Done();
        return place;
    });

    static string[] Train => ["train", "--model", Model, "--method", "linear-probe", "--train", "pictures", "--dev", "pictures", "--epochs", "20", "--cache", "pictures-features"];

    [OneTimeTearDown]
    public void Delete() => Place.Value.Dispose();

    [Test]
    public void A_folder_trains_and_a_file_is_answered_for()
    {
        var answer = Place.Value.Run("predict", "pictures-adapter", "--image", "pictures/dark/3.bmp").Done();
        Assert.That(answer.Output, Does.StartWith("""{"id":"pictures/dark/3.bmp","label":"dark","score":"""));
        var evaluation = Place.Value.Run("eval", "pictures-adapter", "--data", "pictures", "--json").Done();
        Assert.That((double)evaluation.Json["metrics"]!["accuracy"]!, Is.EqualTo(1));
        Assert.That(evaluation.Errors, Does.Contain("24 of 24 test examples are also in the training data"));
        Assert.That(File.ReadAllText(Place.Value["pictures-adapter/report.html"]), Does.Contain("vit-digits"));
        Assert.That((double)Place.Value.Run("export", "pictures-adapter", "--out", "pictures-exported", "--json").Done().Json["maxAbsError"]!, Is.LessThan(1e-4));
    }

    [Test]
    public void The_same_run_again_gives_the_same_bytes()
    {
        Place.Value.Run("train", "--config", "pictures-adapter/run.json", "--out", "again").Done();
        Assert.That(Place.Value.Sha256("again/adapter.safetensors"), Is.EqualTo(Place.Value.Sha256("pictures-adapter/adapter.safetensors")));
    }

    [Test]
    public void A_column_of_paths_reuses_the_cache_of_the_folder()
    {
        File.WriteAllLines(Place.Value["pictures.csv"], ["file,kind", .. Enumerable.Range(0, 24).Select(i => i % 2 == 0 ? $"pictures/bright/{i}.bmp,bright" : $"pictures/dark/{i}.bmp,dark")]);
        var json = Place.Value.Run("cache", "--model", Model, "--data", "pictures.csv", "--image", "file", "--label", "kind", "--out", "pictures-features", "--json").Done().Json;
        Assert.That(((int)json["computed"]!, (int)json["reused"]!), Is.EqualTo((0, 24)));
        Place.Value.Run("predict", "pictures-adapter", "--data", "pictures.csv", "--image-column", "file", "--out", "answers.jsonl").Done();
        Assert.That(File.ReadLines(Place.Value["answers.jsonl"]).Count(), Is.EqualTo(24));
    }

    [Test]
    public void Bad_images_end_the_run_or_are_left_out()
    {
        Directory.CreateDirectory(Place.Value["mixed/bright"]);
        Directory.CreateDirectory(Place.Value["mixed/dark"]);
        for (var i = 0; i < 6; i++)
            File.WriteAllBytes(Place.Value[$"mixed/{(i % 2 == 0 ? "bright" : "dark")}/{i}.bmp"], Bitmap(i, i % 2 == 0 ? 200 : 20));
        File.WriteAllBytes(Place.Value["mixed/dark/empty.png"], []);
        File.WriteAllBytes(Place.Value["mixed/bright/half.bmp"], Bitmap(0, 200)[..200]);
        string[] cache = ["cache", "--model", Model, "--data", "mixed", "--out", "mixed-features"];
        Place.Value.Run(cache).Refused("mixed/bright/half.bmp is cut off", "--skip-bad");
        var skipped = Place.Value.Run([.. cache, "--skip-bad", "--json"]).Done();
        Assert.That((int)skipped.Json["examples"]!, Is.EqualTo(6));
        Assert.That(skipped.Errors, Does.Contain("mixed: 2 of 8 images cannot be used and are left out: mixed/bright/half.bmp is cut off").And.Contain("mixed/dark/empty.png is empty."));
        Place.Value.Run("predict", "pictures-adapter", "--data", "mixed").Refused("is cut off");
        var answers = Place.Value.Run("predict", "pictures-adapter", "--data", "mixed", "--skip-bad").Done();
        Assert.That(answers.Output.TrimEnd().Split('\n'), Has.Length.EqualTo(6));
        Assert.That(answers.Errors, Does.Contain("left out: mixed/dark/empty.png is empty."));
    }

    [TestCase("cache --data train.jsonl", "is a text; the model 'vit-digits' reads images", "--image COLUMN")]
    [TestCase("cache --data pictures --white 0", "--white is 0; expected a number above 0")]
    [TestCase("cache --data train.jsonl --image picture", "no column 'picture'")]
    public void What_does_not_fit_is_refused(string arguments, params string[] says) =>
        Place.Value.Run([.. arguments.Split(' '), "--model", Model]).Refused(says);

    [TestCase("--image pictures/dark/3.bmp --text free", "either for --text, for --image or for --data")]
    [TestCase("--image nowhere.png", "nowhere.png cannot be read: there is no such file")]
    [TestCase("--text free", "Example '1' is a text; the model 'vit-digits' reads images")]
    [TestCase("--image pictures/dark/3.bmp --image-column file", "--image-column names a column of --data")]
    public void Predict_says_what_is_missing(string arguments, string says) => Place.Value.Run(["predict", "pictures-adapter", .. arguments.Split(' ')]).Refused(says);

    [Test]
    public void A_text_model_refuses_images() =>
        Place.Value.Run("cache", "--model", "tiny-bert", "--data", "pictures", "--max-length", "32").Refused("is an image; the model 'tiny-bert' reads texts", "choose a vision model");

    [Test]
    public void Inspect_says_how_images_are_prepared()
    {
        var answer = Place.Value.Run("inspect", Model).Done();
        Assert.That(answer.Output, Does.Contain("of every image 17 tokens").And.Contain("grey, resize 20x20 bilinear, crop 28x28"));
        Assert.That((string?)Place.Value.Run("inspect", Model, "--json").Done().Json["preparation"], Does.StartWith("grey, resize 20x20"));
    }

    /// <summary>A bitmap of 24 bits in which a bright bar lies elsewhere in each.</summary>
    static byte[] Bitmap(int seed, int level)
    {
        const int Header = 54, Stride = Side * 3;
        var file = new byte[Header + Side * Stride];
        "BM"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(10), Header);
        BitConverter.TryWriteBytes(file.AsSpan(14), 40);
        BitConverter.TryWriteBytes(file.AsSpan(18), Side);
        BitConverter.TryWriteBytes(file.AsSpan(22), Side);
        BitConverter.TryWriteBytes(file.AsSpan(26), (short)1);
        BitConverter.TryWriteBytes(file.AsSpan(28), (short)24);
        for (var i = Header; i < file.Length; i++)
            file[i] = (byte)(level + ((i - Header) / Stride == seed % Side ? 50 : (i * 7 + seed) % 9));
        return file;
    }
}
