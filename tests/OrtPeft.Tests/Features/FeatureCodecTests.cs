namespace OrtPeft.Tests;

sealed class FeatureCodecTests
{
    [TestCase(FeatureDType.Fp32, 0)]
    [TestCase(FeatureDType.Fp16, 1.0 / 2048)]
    [TestCase(FeatureDType.Bf16, 1.0 / 256)]
    public void A_value_is_off_by_its_format_s_rounding_at_most(FeatureDType dtype, double relative)
    {
        var random = new CounterRandom(1, "codec");
        var values = Enumerable.Range(0, 33 * 7).Select(_ => (float)(random.NextNormal() * 3)).ToArray();
        foreach (var (value, back) in values.Zip(ThereAndBack(dtype, values, 33)))
            Assert.That(back, Is.EqualTo(value).Within(Math.Abs(value) * relative));
    }

    [Test]
    public void Int8_is_off_by_half_a_step_of_its_row()
    {
        float[] values = [1, -0.5f, 0.2f, 100, 50, -100, 0, 0, 0, 1e-42f, 0, 0];
        var back = ThereAndBack(FeatureDType.Int8, values, 3);
        foreach (var (row, restored) in values.Chunk(3).Zip(back.Chunk(3)))
            Assert.That(restored, Is.EqualTo(row).Within(row.Max(Math.Abs) / 254 * 1.0001 + 1e-41));
        Assert.That(back[3], Is.EqualTo(100f), "the largest value is exact");
    }

    [Test]
    public void Bfloat16_rounds_ties_to_even_and_takes_what_fp16_cannot()
    {
        var back = ThereAndBack(FeatureDType.Bf16, [1 + 1f / 256, 1 + 3f / 256, 1e30f], 3);
        Assert.That(back[..2], Is.EqualTo(new[] { 1f, 1 + 4f / 256 }));
        Assert.That(back[2], Is.EqualTo(1e30f).Within(0.4).Percent);
    }

    [TestCase(FeatureDType.Fp16, 70_000f, "more than fp16 can hold")]
    [TestCase(FeatureDType.Fp32, float.NaN, "no finite number")]
    [TestCase(FeatureDType.Int8, float.PositiveInfinity, "no finite number")]
    public void What_cannot_be_stored_is_refused(FeatureDType dtype, float value, string reason) =>
        Assert.That(() => ThereAndBack(dtype, [1, value], 2), Throws.TypeOf<OrtPeftException>().With.Message.Contains(reason));

    [Test]
    public void The_error_of_every_format_is_measured()
    {
        var meter = new FeatureErrorMeter();
        var random = new CounterRandom(2, "meter");
        meter.Add([.. Enumerable.Range(0, 64 * 100).Select(_ => (float)random.NextNormal())], 64);
        var errors = meter.Result().ToDictionary(e => e.DType);
        Assert.That(errors[FeatureDType.Fp32], Is.EqualTo(new FeatureError(FeatureDType.Fp32, 0, 0)));
        Assert.That(errors[FeatureDType.Fp16].Relative, Is.InRange(1e-4, 4e-4));
        Assert.That(errors[FeatureDType.Bf16].Relative, Is.InRange(1e-3, 3e-3));
        Assert.That(errors[FeatureDType.Int8].Relative, Is.InRange(3e-3, 1.2e-2));
        Assert.That(errors[FeatureDType.Int8].MaxAbsolute, Is.InRange(5e-3, 2e-2));
    }

    static float[] ThereAndBack(FeatureDType dtype, float[] values, int width)
    {
        var (stored, scales, back) = (new byte[values.Length * FeatureCodec.Bytes(dtype)], new float[dtype == FeatureDType.Int8 ? values.Length / width : 0], new float[values.Length]);
        FeatureCodec.Encode(dtype, values, width, stored, scales);
        FeatureCodec.Decode(dtype, stored, width, scales, back);
        return back;
    }
}
