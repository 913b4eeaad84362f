namespace OrtPeft.Graphs.Shapes;

/// <summary>Quantization.</summary>
static class QuantizationShapes
{
    internal static void Quantize(ShapeContext c) => c.Set(0, c.Has(2) ? c.Type(2) : OutputType(c, OnnxType.UInt8), c.Shape(0));

    internal static void Dequantize(ShapeContext c) => c.Set(0, OutputType(c, c.Type(1)), c.Shape(0));

    internal static void DynamicQuantize(ShapeContext c)
    {
        c.Set(0, OnnxType.UInt8, c.Shape(0));
        c.Set(1, OnnxType.Float, []);
        c.Set(2, OnnxType.UInt8, []);
    }

    internal static void QLinearMatMul(ShapeContext c) => c.Set(0, c.Type(7), MatMulShapes.Product(c, c.Shape(0), c.Shape(3)));

    /// <summary>com.microsoft.MatMulIntegerToFloat and DynamicQuantizeMatMul: floats come out.</summary>
    internal static void ToFloat(ShapeContext c) => c.Set(0, OnnxType.Float, MatMulShapes.Product(c, c.Shape(0), c.Shape(1)));

    static OnnxType OutputType(ShapeContext c, OnnxType otherwise) => c.Int("output_dtype", 0) is > 0 and var type ? (OnnxType)type : otherwise;
}
