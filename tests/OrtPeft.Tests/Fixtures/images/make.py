"""Makes cases.json.gz: image files with what Pillow 9.4.0 decodes them to and resizes them to, and files that must be refused."""
import base64, gzip, io, json, random
from PIL import Image

random.seed(0)


def picture(mode, width, height):
    image = Image.new(mode, (width, height))
    bands, pixels = len(image.getbands()), image.load()
    for y in range(height):
        for x in range(width):
            value = tuple(min(255, (x * 7 * (c + 1) + y * 13 * (c + 2) + random.randrange(30)) % 256) for c in range(bands))
            pixels[x, y] = value if bands > 1 else value[0]
    return image


def smooth(width, height):
    return picture("RGB", 5, 4).resize((width, height), Image.BICUBIC)


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def text(data):
    return base64.b64encode(data).decode()


rgb = picture("RGB", 33, 21)
files = {
    "rgb.png": saved(rgb, "PNG"), "rgb.bmp": saved(rgb, "BMP"), "lossless.webp": saved(rgb, "WEBP", lossless=True),
    "palette.png": saved(rgb.convert("P"), "PNG"), "alpha.png": saved(picture("RGBA", 20, 24), "PNG"), "grey.png": saved(picture("L", 40, 40), "PNG"),
    "bits.png": saved(picture("L", 19, 17).convert("1"), "PNG"), "grey.jpg": saved(smooth(37, 30).convert("L"), "JPEG", quality=95),
    "rgb.jpg": saved(smooth(37, 30), "JPEG", quality=95, subsampling=0), "rgb.webp": saved(smooth(37, 30), "WEBP", quality=95),
}
cases = []
for name, data in files.items():
    image = Image.open(io.BytesIO(data)).convert("RGB")
    grey = Image.open(io.BytesIO(data)).convert("RGB").convert("L")
    case = {"name": name, "file": text(data), "width": image.width, "height": image.height, "rgb": text(image.tobytes()), "grey": text(grey.tobytes()), "resized": []}
    if name.startswith(("rgb.png", "grey.png", "alpha")):
        for height, width in [(7, 9), (16, 16), (50, 61), (21, 12), (5, 80)]:
            for filter, number in [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)]:
                case["resized"].append({"height": height, "width": width, "filter": filter, "rgb": text(image.resize((width, height), number).tobytes())})
    cases.append(case)

stills = [picture("RGB", 16, 16) for _ in range(3)]
huge = Image.new("1", (50000, 20))
deep = Image.new("I;16", (16, 16), 3000)
moving = {"save_all": True, "append_images": stills[1:]}
bad = {
    "empty.png": b"", "text.png": b"hello", "cmyk.jpg": saved(picture("CMYK", 16, 16), "JPEG"), "deep.png": saved(deep, "PNG"),
    "moving.png": saved(stills[0], "PNG", **moving), "moving.webp": saved(stills[0], "WEBP", **moving), "moving.gif": saved(stills[0], "GIF", **moving),
    "huge.png": saved(huge, "PNG"), "huge.bmp": saved(huge, "BMP"), "huge.jpg": saved(huge.convert("L"), "JPEG"),
}
for name in ["rgb.png", "rgb.bmp", "rgb.jpg", "rgb.webp"]:
    bad["half." + name[4:]] = files[name][:len(files[name]) // 2]
    bad["begin." + name[4:]] = files[name][:20]
damaged = bytearray(files["rgb.png"])
damaged[len(damaged) // 3] ^= 0x5A
bad["damaged.png"] = bytes(damaged)

with gzip.GzipFile("cases.json.gz", "wb", mtime=0) as stream:
    stream.write(json.dumps({"good": cases, "bad": {name: text(data) for name, data in bad.items()}}).encode())
