"""An installed copy is found by CMake and by pkg-config, and a stranger's program builds with it and runs."""

import pathlib
import shutil
import tempfile

from support.tools import arguments, run

source, build, compiler = arguments()
consumer = source / "tests/whole/consumer"
with tempfile.TemporaryDirectory() as folder:
    prefix, own_build = pathlib.Path(folder, "prefix"), pathlib.Path(folder, "build")
    run("cmake", "--install", build, "--prefix", prefix)
    run("cmake", "-G", "Ninja", "-S", consumer, "-B", own_build, f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF")
    run("cmake", "--build", own_build)
    run(own_build / "consumer")
    if shutil.which("pkg-config"):
        flags = run("pkg-config", "--cflags", prefix / "share/pkgconfig/plywire.pc").split()
        program = pathlib.Path(folder, "by_pkg_config")
        run(compiler, *flags, consumer / "main.cpp", "-o", program)
        run(program)
