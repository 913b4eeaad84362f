namespace OrtPeft;

/// <summary>The weight of a linear layer as y = x W sees it, [in, out], however it lies in its tensor; of a packed product the layer's own columns.</summary>
sealed class WeightMatrix(float[] values, LinearSite site)
{
    readonly int[] _columns = [.. site.Columns.SelectMany(c => Enumerable.Range(c.Start, c.Count))];

    /// <summary>The whole tensor.</summary>
    internal float[] Values => values;

    internal int Rows => site.InWidth;

    internal int Columns => _columns.Length;

    internal ref float this[int row, int column] =>
        ref values[site.Layout == WeightLayout.InOut ? row * site.OutWidth + _columns[column] : _columns[column] * site.InWidth + row];

    /// <summary>Multiplies every column by its factor.</summary>
    internal void ScaleColumns(ReadOnlySpan<float> factors)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                this[row, column] *= factors[column];
        }
    }

    /// <summary>Multiplies every row by its factor.</summary>
    internal void ScaleRows(ReadOnlySpan<float> factors)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                this[row, column] *= factors[row];
        }
    }

    /// <summary>The Euclidean length of every column.</summary>
    internal float[] ColumnNorms()
    {
        var squares = new double[Columns];
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                squares[column] += (double)this[row, column] * this[row, column];
        }
        return [.. squares.Select(s => (float)Math.Sqrt(s))];
    }

    /// <summary>Adds scale (B A)^T with A [rank, in] and B [out, rank].</summary>
    internal void AddProduct(ReadOnlySpan<float> a, ReadOnlySpan<float> b, double scale)
    {
        var rank = a.Length / Rows;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                double sum = 0;
                for (var k = 0; k < rank; k++)
                    sum += (double)b[column * rank + k] * a[k * Rows + row];
                this[row, column] += (float)(scale * sum);
            }
        }
    }
}
