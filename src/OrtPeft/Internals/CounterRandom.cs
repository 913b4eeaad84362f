using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtPeft;

/// <summary>
/// Counter-based random numbers (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), keyed by
/// (seed, purpose, step). Nothing is stored between calls, so a resumed run draws exactly what the undisturbed one would have drawn.
/// </summary>
sealed class CounterRandom
{
    readonly uint _key0, _key1, _step0, _step1;
    ulong _counter;
    (uint, uint, uint, uint) _block;
    int _used = 4;

    internal CounterRandom(long seed, string purpose, long step = 0)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{purpose}"), hash);
        _key0 = BinaryPrimitives.ReadUInt32LittleEndian(hash);
        _key1 = BinaryPrimitives.ReadUInt32LittleEndian(hash[4..]);
        _step0 = (uint)step;
        _step1 = (uint)(step >> 32);
    }

    internal uint NextUInt32()
    {
        if (_used == 4)
        {
            _block = Philox(((uint)_counter, (uint)(_counter++ >> 32), _step0, _step1), (_key0, _key1));
            _used = 0;
        }
        return _used++ switch { 0 => _block.Item1, 1 => _block.Item2, 2 => _block.Item3, _ => _block.Item4 };
    }

    /// <summary>Uniform in [0, 1), 24 bits.</summary>
    internal float NextSingle() => Single(NextUInt32());

    static float Single(uint word) => (word >> 8) * (1f / (1 << 24));

    /// <summary>Fills <paramref name="target"/> with what <see cref="NextSingle"/> gives from its <paramref name="first"/>-th number on, whatever was drawn before.</summary>
    internal void Singles(long first, Span<float> target)
    {
        _counter = (ulong)first / 4;
        _used = 4;
        var i = 0;
        for (var skipped = first % 4; skipped > 0; skipped--)
            NextUInt32();
        for (; i < target.Length && _used < 4; i++)
            target[i] = NextSingle();
        for (; i <= target.Length - 4; i += 4, _counter++)
        {
            var (a, b, c, d) = Philox(((uint)_counter, (uint)(_counter >> 32), _step0, _step1), (_key0, _key1));
            (target[i], target[i + 1], target[i + 2], target[i + 3]) = (Single(a), Single(b), Single(c), Single(d));
        }
        for (; i < target.Length; i++)
            target[i] = NextSingle();
    }

    /// <summary>Uniform in [0, bound), without bias.</summary>
    internal int NextInt32(int bound)
    {
        // Lemire's multiply-and-reject: no modulo bias, one draw almost always.
        var threshold = (uint)-bound % (uint)bound;
        while (true)
        {
            var product = (ulong)NextUInt32() * (uint)bound;
            if ((uint)product >= threshold)
                return (int)(product >> 32);
        }
    }

    /// <summary>Standard normal (Box-Muller).</summary>
    internal double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log((NextUInt32() + 1.0) / 4294967296.0));
        return radius * Math.Cos(2 * Math.PI * (NextUInt32() / 4294967296.0));
    }

    /// <summary>Fisher-Yates, in place.</summary>
    internal void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Philox4x32-10: four random words from a counter and a key.</summary>
    internal static (uint, uint, uint, uint) Philox((uint, uint, uint, uint) counter, (uint, uint) key)
    {
        var (c0, c1, c2, c3) = counter;
        var (k0, k1) = key;
        for (var round = 0; round < 10; round++)
        {
            var p0 = 0xD2511F53UL * c0;
            var p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return (c0, c1, c2, c3);
    }
}
