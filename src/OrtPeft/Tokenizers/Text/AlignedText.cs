using System.Numerics;

namespace OrtPeft;

/// <summary>A growing text that remembers, when asked to, which part of the original text each UTF-16 unit stands for.</summary>
sealed class AlignedText
{
    char[] _chars = new char[256];
    TextSpan[] _origins = new TextSpan[256];
    internal bool Tracked { get; private set; }

    internal int Length { get; private set; }

    internal ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    internal int Capacity => _chars.Length;

    internal void Clear(bool tracked)
    {
        Length = 0;
        Tracked = tracked;
    }

    internal AlignedView View(int start, int end, int @base) =>
        new(_chars.AsSpan(start, end - start), Tracked ? _origins.AsSpan(start, end - start) : default, @base);

    /// <summary>The original text behind the units from <paramref name="start"/> up to <paramref name="end"/> (not empty).</summary>
    internal TextSpan Origin(int start, int end) => new(_origins[start].Start, _origins[end - 1].End);

    internal void Add(char c, TextSpan origin)
    {
        if (Length == _chars.Length)
            Grow(1);
        _chars[Length] = c;
        if (Tracked)
            _origins[Length] = origin;
        Length++;
    }

    internal void Add(int codePoint, TextSpan origin)
    {
        if (codePoint < 0x10000)
        {
            Add((char)codePoint, origin);
            return;
        }
        Add((char)(0xD7C0 + (codePoint >> 10)), origin);
        Add((char)(0xDC00 | (codePoint & 0x3FF)), origin);
    }

    /// <summary>Appends the units of <paramref name="view"/> from <paramref name="start"/> up to <paramref name="end"/> as they are.</summary>
    internal void Add(in AlignedView view, int start, int end)
    {
        var count = end - start;
        if (Length + count > _chars.Length)
            Grow(count);
        view.Text[start..end].CopyTo(_chars.AsSpan(Length));
        if (Tracked)
        {
            if (view.Origins.IsEmpty)
            {
                for (var i = 0; i < count; i++)
                    _origins[Length + i] = new(view.Base + start + i, view.Base + start + i + 1);
            }
            else
            {
                view.Origins[start..end].CopyTo(_origins.AsSpan(Length));
            }
        }
        Length += count;
    }

    /// <summary>Changes what the last character stands for.</summary>
    internal void SetLastOrigin(TextSpan origin)
    {
        if (!Tracked)
            return;
        _origins[Length - 1] = origin;
        if (char.IsLowSurrogate(_chars[Length - 1]))
            _origins[Length - 2] = origin;
    }

    void Grow(int count)
    {
        var capacity = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)(Length + count)), (uint)Array.MaxLength);
        Array.Resize(ref _chars, capacity);
        Array.Resize(ref _origins, capacity);
    }
}
