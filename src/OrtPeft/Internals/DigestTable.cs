using System.Security.Cryptography;
using System.Text;

namespace OrtPeft;

/// <summary>
/// A map from digests to numbers from 0, in about 25 bytes an entry: what must be remembered of every example of a large data set. A digest is
/// random, so that its own bits say where it lies.
/// </summary>
sealed class DigestTable
{
    UInt128[] _digests = new UInt128[16];
    int[] _numbers = new int[16]; // one more than the number; 0 where nothing lies

    internal int Count { get; private set; }

    /// <summary>The first 128 bits of the SHA-256 of a text in UTF-8.</summary>
    internal static UInt128 Digest(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>Adds an entry; false, and nothing changes, when the digest has one.</summary>
    internal bool TryAdd(UInt128 digest, int number)
    {
        if (Count >= _numbers.Length / 8 * 7)
            Grow();
        var place = Find(digest);
        if (_numbers[place] != 0)
            return false;
        (_digests[place], _numbers[place]) = (digest, number + 1);
        Count++;
        return true;
    }

    /// <summary>The number of a digest; false when it has none.</summary>
    internal bool TryGet(UInt128 digest, out int number)
    {
        number = _numbers[Find(digest)] - 1;
        return number >= 0;
    }

    /// <summary>Where a digest lies, or the free place where it would.</summary>
    int Find(UInt128 digest)
    {
        var place = (int)(ulong)digest & (_numbers.Length - 1);
        while (_numbers[place] != 0 && _digests[place] != digest)
            place = (place + 1) & (_numbers.Length - 1);
        return place;
    }

    void Grow()
    {
        var (digests, numbers) = (_digests, _numbers);
        (_digests, _numbers) = (new UInt128[digests.Length * 2], new int[numbers.Length * 2]);
        for (var i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] == 0)
                continue;
            var place = Find(digests[i]);
            (_digests[place], _numbers[place]) = (digests[i], numbers[i]);
        }
    }
}
