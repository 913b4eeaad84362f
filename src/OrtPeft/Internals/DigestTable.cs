using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtPeft;

/// <summary>
/// A map from digests to numbers from 0, in about 25 bytes an entry: what must be remembered of every example of a large data set. A digest is
/// random, so that its own bits say where it lies.
/// </summary>
sealed class DigestTable
{
    /// <summary>The highest bits choose a part. A part grows on its own, so that growing leaves no large pieces of garbage.</summary>
    const int PartBits = 6;

    readonly Part[] _parts = new Part[1 << PartBits];

    internal DigestTable()
    {
        for (var i = 0; i < _parts.Length; i++)
            _parts[i] = new Part();
    }

    internal int Count { get; private set; }

    /// <summary>The first 128 bits of the SHA-256 of a text in UTF-8.</summary>
    internal static UInt128 Digest(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), digest);
        ArrayPool<byte>.Shared.Return(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>Adds an entry; false, and nothing changes, when the digest has one.</summary>
    internal bool TryAdd(UInt128 digest, int number)
    {
        var isNew = PartOf(digest).TryAdd(digest, number);
        Count += isNew ? 1 : 0;
        return isNew;
    }

    /// <summary>The number of a digest; false when it has none.</summary>
    internal bool TryGet(UInt128 digest, out int number) => PartOf(digest).TryGet(digest, out number);

    Part PartOf(UInt128 digest) => _parts[(int)(digest >> (128 - PartBits))];

    /// <summary>A hash table whose collisions lie in the next free places.</summary>
    sealed class Part
    {
        UInt128[] _digests = new UInt128[8];
        int[] _numbers = new int[8]; // one more than the number; 0 where nothing lies
        int _count;

        internal bool TryAdd(UInt128 digest, int number)
        {
            if (_count >= _numbers.Length / 8 * 7)
                Grow();
            var place = Find(digest);
            if (_numbers[place] != 0)
                return false;
            (_digests[place], _numbers[place]) = (digest, number + 1);
            _count++;
            return true;
        }

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
}
