using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>A fast hash of short texts. Not seeded: tables are built from a model's own vocabulary, or have a fixed size.</summary>
static class SpanHash
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Of(ReadOnlySpan<char> text)
    {
        var hash = (ulong)text.Length * 0x9E3779B97F4A7C15;
        while (text.Length >= 4)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text)));
            text = text[4..];
        }
        var rest = 0UL;
        foreach (var c in text)
            rest = (rest << 16) | c;
        return (uint)(Mix(hash ^ rest) >> 32);
    }

    static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93;
        return value ^ (value >> 32);
    }
}
