using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrtPeft;

/// <summary>What identifies an example in a cache: the first 128 bits of the SHA-256 of its text and, if it has one, its second text; or of its image.</summary>
readonly record struct FeatureKey(UInt128 Value)
{
    internal const int Bytes = 16;

    internal static FeatureKey Of(Example example) => example.Image is { } image ? Read(image.Sha256)
        : new(DigestTable.Digest(example.TextPair is { } pair ? $"{example.Text}\0pair\0{pair}" : example.Text));

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
