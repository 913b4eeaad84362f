using System.IO.Compression;

namespace OrtPeft;

/// <summary>
/// The decompressed content of a gzip file, followed by <see cref="EndMark"/>. <see cref="GZipStream"/> takes the end of a file that was
/// cut off for the end of the data; so a small gzip member that holds the mark is read after the file, and only comes out when the file was whole.
/// </summary>
sealed class GzipText : GZipStream
{
    internal GzipText(FileStream file)
        : base(new Joined(file), CompressionMode.Decompress)
    {
    }

    internal static ReadOnlySpan<byte> EndMark => "\0ORTPEFT-END-OF-GZIP\0"u8;

    static byte[] EndMember()
    {
        using MemoryStream member = new();
        using (GZipStream gzip = new(member, CompressionLevel.NoCompression))
            gzip.Write(EndMark);
        return member.ToArray();
    }

    sealed class Joined(FileStream file) : Stream
    {
        readonly MemoryStream _end = new(EndMember());

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = file.Read(buffer);
            return read > 0 ? read : _end.Read(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
                _end.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
