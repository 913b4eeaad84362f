using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtPeft;

/// <summary>What identifies an example in a cache: the first 128 bits of the SHA-256 of its text and, if it has one, its second text; or of its image.</summary>
readonly record struct FeatureKey(UInt128 Value)
{
    internal const int Bytes = 16;

    internal static FeatureKey Of(Example example)
    {
        if (example.Image is { } image)
            return Read(image.Sha256);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(example.Text));
        if (example.TextPair is { } pair)
        {
            hash.AppendData("\0pair\0"u8);
            hash.AppendData(Encoding.UTF8.GetBytes(pair));
        }
        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return Read(digest);
    }

    internal static FeatureKey Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    internal void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <summary>SHA-256 of a list of keys in order.</summary>
    internal static string HashOf(IEnumerable<FeatureKey> keys)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[Bytes];
        foreach (var key in keys)
        {
            key.Write(bytes);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
