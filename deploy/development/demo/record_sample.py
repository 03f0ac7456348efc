"""Record the sample data that the product ships with: `python -m deploy.development.demo.record_sample`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from core.start.services.sample_files import LANGUAGES, archive_of
from deploy.development.demo.files import write_files
from deploy.development.demo.sample import sample


def sample_files(language: str) -> dict[str, bytes]:
    """What the generator gives: the files by their place in the archive, in the order in which they import."""
    with TemporaryDirectory(prefix="revisit-sample-") as folder:
        files = write_files(*sample(language=language), Path(folder))
        return {f"{kind}/{path.name}": path.read_bytes() for kind, path in files}


def main() -> None:
    for language in LANGUAGES:
        archive = archive_of(language)
        archive.parent.mkdir(exist_ok=True)
        with ZipFile(archive, "w") as target:
            for name, content in sample_files(language).items():
                # Without the time of recording, so that the same data gives the same archive.
                target.writestr(ZipInfo(name), content, ZIP_DEFLATED)
        sys.stdout.write(f"{archive}: {archive.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
