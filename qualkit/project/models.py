"""What was learned, kept in the project: saved, read back, and brought to bear."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit import __version__
from qualkit.analysis.learned import trial_row
from qualkit.errors import ModelMissingError
from qualkit.model import Segment, covers
from qualkit.project.books import CodebookPart
from qualkit.store import codebooks, models

if TYPE_CHECKING:
    import numpy

    from qualkit.coding.combining import CodeTrial
    from qualkit.coding.encoder import Encoder
    from qualkit.coding.learned import Bench, LearnedCoder
    from qualkit.coding.passages import Passage
    from qualkit.project.learning import LearningOptions
    from qualkit.project.lessons import Gathered

    Array = numpy.ndarray[Any, Any]

Progress = Callable[[int, int], None]


class ModelPart(CodebookPart):
    """Keeps what was learned, and codes with it."""

    # --- sentence vectors ----------------------------------------------------------------

    def _encoder(self, options: LearningOptions) -> Encoder | None:
        from qualkit.coding.encoder import DEFAULT, Encoder, find_encoder, semantic_installed

        wanted = options.semantic
        if wanted is None:
            wanted = bool(options.encoder) or semantic_installed()
        if not wanted:
            return None
        folder = find_encoder(options.encoder)
        return Encoder(folder, options.encoder or DEFAULT)

    def _vectors(
        self, encoder: Encoder, passages: Sequence[Passage], progress: Progress | None = None
    ) -> list[Array]:
        """Return the vectors of passages, kept ones where the text was read before."""
        import numpy

        from qualkit.coding.encoder import text_hash

        hashes = [text_hash(passage) for passage in passages]
        kept = models.fetch_vectors(self._connection, encoder.id, list(dict.fromkeys(hashes)))
        new = {h: p for h, p in zip(hashes, passages, strict=True) if h not in kept}
        made = encoder.encode(list(new.values()), progress) if new else []
        fresh = [
            (h, vectors.astype(numpy.float16).tobytes())
            for h, vectors in zip(new, made, strict=True)
        ]
        models.save_vectors(self._connection, encoder.id, fresh)
        kept.update(fresh)
        return [
            numpy.frombuffer(kept[h], dtype=numpy.float16)
            .reshape(-1, encoder.size)
            .astype(numpy.float32)
            for h in hashes
        ]

    # --- keeping ---------------------------------------------------------------------

    def _keep(
        self,
        benches: Sequence[Bench],
        trials: Sequence[CodeTrial],
        encoder: Encoder | None,
        options: LearningOptions,
        gathered: Gathered,
    ) -> int:
        from qualkit.coding.keeping import bench_arrays, bench_settings

        arrays: dict[str, Array] = {}
        for number, bench in enumerate(benches):
            arrays |= {f"{number}.{name}": a for name, a in bench_arrays(bench).items()}
        if encoder is not None:
            arrays |= {f"change.{name}": a for name, a in encoder.change_arrays.items()}
        content = hashlib.sha256()
        for name in sorted(arrays):
            content.update(name.encode() + arrays[name].tobytes())
        settings = {
            "benches": [bench_settings(bench) for bench in benches],
            "encoder": (
                {"folder": str(encoder.folder), "name": encoder.name, "id": encoder.id}
                if encoder is not None
                else None
            ),
            "min_precision": options.min_precision,
            "coders": list(options.coders),
            "trials": [trial_row(trial) for trial in trials],
            "own_cases": sum(case.own for case in gathered.cases),
        }
        key = models.save_model(
            self._connection,
            content_hash=content.hexdigest(),
            settings=settings,
            arrays=arrays,
            qualkit_version=__version__,
        )
        if encoder is not None:
            models.drop_other_vectors(self._connection, encoder.id)
        return key

    def _kept_encoder(
        self, settings: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> Encoder | None:
        """Return the encoder that the model was learned with."""
        from qualkit.coding.encoder import Encoder, apply_change, find_encoder

        kept = settings["encoder"]
        if kept is None:
            return None
        folder = Path(kept["folder"])
        if not folder.is_dir():
            folder = find_encoder("" if kept["name"] == kept["id"] else kept["name"])
        change = {
            name.removeprefix("change."): a
            for name, a in arrays.items()
            if name.startswith("change.")
        }
        _, _, change_id = kept["id"].partition("+")
        encoder = Encoder(
            folder,
            kept["name"],
            (lambda weights: apply_change(weights, change)) if change else None,
            change_id,
        )
        encoder.change_arrays = dict(change)
        return encoder

    def _learned_coder(self, method: str, books: Sequence[str] = ()) -> tuple[LearnedCoder, str]:
        """Return the coder of the kept model, and a line that names it.

        Raises
        ------
        ModelMissingError
            The project has not learned.
        """
        from qualkit.coding.keeping import read_benches
        from qualkit.coding.learned import LearnedCoder

        model = models.fetch_model(self._connection)
        if model is None:
            raise ModelMissingError(
                f"coding by '{method}' needs a learned model, and this project has none",
                to_do="qualkit learn",
            )
        arrays = models.fetch_arrays(self._connection, model.key)
        benches = read_benches(model.settings["benches"], arrays)
        encoder = self._kept_encoder(model.settings, arrays)
        stored = codebooks.fetch_codebooks(self._connection)
        by_place: dict[tuple[str, str], frozenset[str]] = {}

        def covered(segment: Segment) -> frozenset[str]:
            place = (segment.kind, segment.role)
            if place not in by_place:
                by_place[place] = frozenset(
                    category
                    for book in stored
                    if covers(book.kinds, book.roles, *place)
                    for category in book.categories
                )
            return by_place[place]

        wanted = [
            (code.category, code.code)
            for code in codebooks.fetch_codes(self._connection)
            if not code.retired and (not books or code.codebook in books)
        ]
        coder = LearnedCoder(
            benches,
            method,
            (lambda passages: self._vectors(encoder, passages)) if encoder else None,
            covered,
            wanted,
        )
        with_vectors = f", sentence vectors of {encoder.id}" if encoder else ""
        return coder, f"model {model.key} of {model.created_at[:10]}{with_vectors}"
