#!/usr/bin/python3
"""Takes what consilod needs out of OpenVINO's wheel: the C API with its headers, the CPU plugin, the readers of its own
format and of ONNX, the threading libraries, and every licence.

    unpack_engine.py FOLDER-WITH-WHEEL PREFIX VERSION
"""
import os
import pathlib
import re
import sys
import zipfile

LIBRARIES = re.compile(
    r"openvino/libs/(libopenvino(_c|_ir_frontend|_onnx_frontend)?\.so\.\d+|libopenvino_intel_cpu_plugin\.so"
    r"|libtbb\.so\.12|libtbbmalloc\.so\.2|libtbbbind_2_5\.so\.3|libhwloc\.so\.15)")


def main():
    folder, prefix, version = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    wheel, = folder.glob("openvino-*.whl")
    api = None
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if LIBRARIES.fullmatch(name):
                target = prefix / "lib" / name.rsplit("/", 1)[1]
            elif name.startswith("openvino/include/openvino/c/") and not name.endswith("/"):
                target = prefix / "include" / name.removeprefix("openvino/include/")
            elif ".dist-info/licenses/" in name and not name.endswith("/"):
                target = prefix / "licenses" / name.split("/licenses/", 1)[1]
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
            if re.fullmatch(r"libopenvino_c\.so\.\d+", target.name):
                api = target.name
    if not api:
        sys.exit(f"setup: {wheel.name} has no C API")
    os.symlink(api, prefix / "lib" / "libopenvino_c.so")
    (prefix / "VERSION").write_text(version + "\n")


if __name__ == "__main__":
    main()
