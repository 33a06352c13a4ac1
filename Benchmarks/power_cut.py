"""The disk of power_cut.c, from outside: what a program sees when it starts again after its power was cut."""
import os
import pathlib
import shutil
import subprocess

SECTOR = 512


def compiled(folder):
    """The layer as a library that can be preloaded."""
    library = pathlib.Path(folder) / "power_cut.so"
    subprocess.run(
        ["cc", "-O2", "-Wall", "-Wno-format-truncation", "-shared", "-fPIC", "-o", library,
         pathlib.Path(__file__).with_suffix(".c"), "-ldl"], check=True)
    return library


class Disk:
    """The folder of a store, and beside it what the disk has of it."""

    def __init__(self, folder, library, ignores=None, sync_microseconds=1000):
        self.folder = pathlib.Path(folder).resolve()
        self.disk = self.folder.with_name(self.folder.name + ".disk")
        self.environment = {
            "LD_PRELOAD": str(library), "POWER_CUT_FOLDER": str(self.folder), "POWER_CUT_DISK": str(self.disk),
            "POWER_CUT_SYNC_MICROSECONDS": str(sync_microseconds)}
        if ignores:
            self.environment["POWER_CUT_IGNORES"] = ignores
        # Sectors that differed from the disk's at a cut, and how many of them the disk got all the same.
        self.unsynced = self.written = 0
        self.settle()

    def settle(self):
        """Takes the folder as it is for what the disk has. No program may be using it."""
        shutil.rmtree(self.disk, ignore_errors=True)
        self.disk.mkdir()
        files = {file.name: file.stat().st_ino for file in self.folder.iterdir() if file.is_file()}
        for name, inode in files.items():
            shutil.copyfile(self.folder / name, self.disk / str(inode))
        (self.disk / "names").write_text("".join(f"{inode} {name}\n" for name, inode in files.items()))

    def cut(self, random_):
        """Makes the folder what the disk has. Its programs were killed.

        Of what was not synced, half of the cuts write nothing, the others each sector with a chance that is the cut's. The
        names are those of the last sync of the folder, or in some cuts the present ones.
        """
        chance = random_.choice((0, random_.random()))
        present = {file.name: file for file in self.folder.iterdir() if file.is_file()}
        names = {name: file.stat().st_ino for name, file in present.items()}
        if not chance or random_.random() < 0.5:
            lines = (self.disk / "names").read_text().splitlines()
            names = {name: int(inode) for inode, name in (line.split(" ", 1) for line in lines)}
        inodes = {file.stat().st_ino: file for file in present.values()}
        found = {}
        for name, inode in names.items():
            file = inodes.get(inode, self.disk / f"gone-{inode}")
            found[name] = self.after(file.read_bytes() if file.exists() else b"", self.disk / str(inode), chance, random_)
        for file in present.values():
            os.unlink(file)
        for name, content in found.items():
            with open(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(content)
        self.settle()

    def after(self, seen, image, chance, random_):
        """The content of a file that its programs saw as `seen` and of which the disk has `image`."""
        kept = image.read_bytes() if image.exists() else b""
        size = len(seen) if len(seen) == len(kept) or random_.random() < chance else len(kept)
        seen, content = seen[:size].ljust(size, b"\0"), bytearray(kept[:size].ljust(size, b"\0"))
        for start in range(0, size, 64 * SECTOR):
            if seen[start:start + 64 * SECTOR] == content[start:start + 64 * SECTOR]:
                continue
            for sector in range(start, min(size, start + 64 * SECTOR), SECTOR):
                if seen[sector:sector + SECTOR] != content[sector:sector + SECTOR]:
                    self.unsynced += 1
                    if random_.random() < chance:
                        content[sector:sector + SECTOR] = seen[sector:sector + SECTOR]
                        self.written += 1
        return bytes(content)
