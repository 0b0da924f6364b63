package dev.bulla.guest.trial;

import static java.util.Objects.requireNonNull;

import dev.bulla.guest.pull.ImageName;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.LayerEncryption;
import dev.bulla.policy.MatrixCell;
import dev.bulla.policy.OpenedWrap;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A row of a tenant's table: an image and what the policy should say of it.
 *
 * @param name what the row is called
 * @param image what the image is called
 * @param source where its documents are
 * @param wraps by what its layers' keys would be opened, if that is said
 * @param expected {@code accept}, {@code reject} or {@code pending}
 * @param scope the scope that should decide, if that is said
 * @param cell the cell of the matrix that should judge, if that is said
 */
public record TrialCase(
        String name,
        ImageName image,
        TrialImage source,
        Optional<OpenedWrap> wraps,
        String expected,
        Optional<String> scope,
        Optional<String> cell) {
    /** The most bytes of a table. */
    public static final int MAX_LENGTH = 1024 * 1024;

    /** The most rows of a table. */
    public static final int MAX_CASES = 10_000;

    private static final Set<String> OUTCOMES = Set.of("accept", "reject", "pending");
    private static final Set<String> CELLS =
            Arrays.stream(MatrixCell.values()).map(MatrixCell::key).collect(Collectors.toUnmodifiableSet());

    public TrialCase {
        requireNonNull(name, "name is null");
        requireNonNull(image, "image is null");
        requireNonNull(source, "source is null");
        requireNonNull(wraps, "wraps is null");
        requireNonNull(expected, "expected is null");
        requireNonNull(scope, "scope is null");
        requireNonNull(cell, "cell is null");
    }

    /**
     * Reads a table: an array of objects, of which each has {@code image} and {@code expect}, where the image is
     * ({@code oci}; or {@code manifest} and {@code signatures}; or, of an image that nobody signed and that need not exist,
     * {@code layers}: {@code plain}, {@code encrypted} or {@code mixed}), and may have {@code name}, {@code wraps},
     * {@code scope} and {@code cell}.
     *
     * @param table the array
     * @param folder where relative paths begin, absolute
     * @throws OciException when it has another shape, or no row
     */
    public static List<TrialCase> parse(JsonCursor table, Path folder) throws OciException {
        List<JsonCursor> rows = table.array();
        if (rows.isEmpty() || rows.size() > MAX_CASES) {
            throw table.refuse("got " + rows.size() + " cases, expected 1 to " + MAX_CASES);
        }
        List<TrialCase> cases = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonCursor row : rows) {
            TrialCase parsed = row(row, folder, rows.size() == 1 ? "case" : "case " + (cases.size() + 1));
            if (!names.add(parsed.name())) {
                throw row.refuse("two cases are called " + Quoted.text(parsed.name()));
            }
            cases.add(parsed);
        }
        return List.copyOf(cases);
    }

    private static TrialCase row(JsonCursor row, Path folder, String number) throws JsonException {
        JsonCursor.Members members = row.object();
        members.allowOnly(
                "name", "image", "oci", "manifest", "signatures", "layers", "wraps", "expect", "scope", "cell");
        JsonCursor image = members.required("image");
        Optional<JsonCursor> name = members.optional("name");
        Optional<JsonCursor> wraps = members.optional("wraps");
        Optional<JsonCursor> scope = members.optional("scope");
        Optional<JsonCursor> cell = members.optional("cell");
        ImageName parsed;
        Optional<OpenedWrap> wrap;
        try {
            parsed = ImageName.parse(image.string());
            wrap = wraps.isPresent() ? Optional.of(PolicyTrial.wrap(wraps.get().string())) : Optional.empty();
        } catch (JsonException e) {
            throw e;
        } catch (OciException e) {
            throw row.refuse(e.getMessage());
        }
        return new TrialCase(
                name.isPresent() ? name.get().string() : number + ", " + parsed,
                parsed,
                source(row, members, folder),
                wrap,
                word(members.required("expect"), OUTCOMES),
                scope.isPresent() ? Optional.of(scope.get().string()) : Optional.empty(),
                cell.isPresent() ? Optional.of(word(cell.get(), CELLS)) : Optional.empty());
    }

    private static TrialImage source(JsonCursor row, JsonCursor.Members members, Path folder) throws JsonException {
        Optional<JsonCursor> oci = members.optional("oci");
        Optional<JsonCursor> manifest = members.optional("manifest");
        Optional<JsonCursor> signatures = members.optional("signatures");
        Optional<JsonCursor> layers = members.optional("layers");
        if ((oci.isPresent() ? 1 : 0) + (manifest.isPresent() ? 1 : 0) + (layers.isPresent() ? 1 : 0) != 1) {
            throw row.refuse("expected one of oci, manifest (and signatures), or layers");
        }
        if (signatures.isPresent() && manifest.isEmpty()) {
            throw row.refuse("signatures go with manifest");
        }
        if (oci.isPresent()) {
            return new TrialImage.InLayout(layout(oci.get(), folder));
        }
        if (manifest.isPresent()) {
            List<Path> files = new ArrayList<>();
            if (signatures.isPresent()) {
                for (JsonCursor signature : signatures.get().array()) {
                    files.add(path(signature, signature.string(), folder));
                }
            }
            return new TrialImage.InFiles(path(manifest.get(), manifest.get().string(), folder), files);
        }
        JsonCursor written = layers.orElseThrow();
        return new TrialImage.MadeUp(
                switch (written.string()) {
                    case "plain" -> LayerEncryption.NONE;
                    case "mixed" -> LayerEncryption.SOME;
                    case "encrypted" -> LayerEncryption.ALL;
                    default ->
                        throw written.refuse(
                                "got " + Quoted.text(written.string()) + ", expected plain, encrypted or mixed");
                });
    }

    private static ImageName.Layout layout(JsonCursor value, Path folder) throws JsonException {
        String text = value.string();
        int colon = text.indexOf(':');
        Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(text.substring(colon + 1));
        if (text.isEmpty() || colon == 0 || tag.filter(String::isEmpty).isPresent()) {
            throw value.refuse("got " + Quoted.text(text) + ", expected DIR or DIR:TAG");
        }
        return new ImageName.Layout(path(value, colon < 0 ? text : text.substring(0, colon), folder), tag);
    }

    private static Path path(JsonCursor value, String text, Path folder) throws JsonException {
        try {
            return folder.resolve(text).normalize();
        } catch (InvalidPathException e) {
            throw value.refuse("got " + Quoted.text(text) + ", expected a path");
        }
    }

    private static String word(JsonCursor value, Set<String> words) throws JsonException {
        String text = value.string();
        if (!words.contains(text)) {
            throw value.refuse("got " + Quoted.text(text) + ", expected one of "
                    + String.join(", ", words.stream().sorted().toList()));
        }
        return text;
    }

    /** What differs from what is expected, if anything does. */
    public Optional<String> disagreement(Verdict verdict) {
        if (!verdict.outcome().equals(expected)) {
            return Optional.of("expected " + expected + ", got " + verdict.outcome() + ": " + verdict.reason());
        }
        String decided = verdict.decision().scope();
        if (scope.isPresent() && !scope.get().equals(decided)) {
            return Optional.of("expected the scope " + Quoted.text(scope.get()) + ", got " + Quoted.text(decided));
        }
        String judged =
                verdict.decision().matrix().map(matrix -> matrix.cell().key()).orElse("none: a requirement is not met");
        return cell.filter(wanted -> !wanted.equals(judged))
                .map(wanted -> "expected the cell " + wanted + ", got " + judged);
    }
}
