package dev.bulla.guest.cli;

import dev.bulla.composefs.check.Finding;
import dev.bulla.composefs.check.FsckReport;
import dev.bulla.composefs.check.Names;
import dev.bulla.composefs.check.Problem;
import dev.bulla.composefs.check.RepairReport;
import dev.bulla.composefs.store.RefNames;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a check and a repair of a store found, for people and for programs. */
final class FsckText {
    private static final Path IMAGE_NAMES = Path.of("images/refs/oci");
    private static final Path TAGS = Path.of("streams/refs/oci");

    private FsckText() {}

    static String of(FsckReport report) {
        StringBuilder text = new StringBuilder();
        counts(text, report);
        problems(text, report);
        line(text, "status", status(report));
        return text.substring(0, text.length() - 1);
    }

    static String of(RepairReport report) {
        StringBuilder text = new StringBuilder();
        counts(text, report.before());
        problems(text, report.before());
        report.restored().forEach(path -> line(text, "protected", shown(path)));
        report.dropped().forEach(path -> line(text, "dropped", shown(path)));
        for (String name : names(report.dropped())) {
            line(text, "fetch again", "bulla pull " + Refusal.printable(name));
        }
        line(
                text,
                "status",
                report.before().isClean() || !report.after().isClean()
                        ? status(report.after())
                        : "repaired, and clean now");
        if (!report.after().isClean()) {
            problems(text, report.after());
        }
        return text.substring(0, text.length() - 1);
    }

    private static void counts(StringBuilder text, FsckReport report) {
        line(text, "metadata", word(report.metadata()));
        line(text, "objects", report.objects() + ", " + report.objectBytes() + " bytes read");
        line(text, "streams", Long.toString(report.streams()));
        line(text, "images", Long.toString(report.images()));
        line(text, "names", Long.toString(report.references()));
    }

    private static String word(FsckReport.MetadataState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String status(FsckReport report) {
        long problems = report.problems().size() + report.unlisted();
        return report.isClean() ? "clean" : "broken: " + problems + (problems == 1 ? " thing" : " things");
    }

    private static void problems(StringBuilder text, FsckReport report) {
        for (Problem problem : report.problems()) {
            Finding finding = problem.finding();
            line(
                    text,
                    finding.kind(),
                    shown(finding.path()) + ": got " + Refusal.printable(finding.got()) + ", expected "
                            + Refusal.printable(finding.expected()));
            problem.neededBy().forEach(path -> line(text, "  needed by", shown(path)));
        }
        if (report.unlisted() > 0) {
            line(text, "and", report.unlisted() + " more");
        }
    }

    /** A path of the store, and the image's name where it is one. */
    private static String shown(Path path) {
        String text = Refusal.printable(Names.text(path));
        return name(path)
                .map(name -> text + " (" + Refusal.printable(name) + ")")
                .orElse(text);
    }

    private static Optional<String> name(Path path) {
        boolean named = path.getNameCount() == IMAGE_NAMES.getNameCount() + 1
                && (path.startsWith(IMAGE_NAMES) || path.startsWith(TAGS));
        return named ? Optional.of(RefNames.decode(Names.text(path.getFileName()))) : Optional.empty();
    }

    /** The names of images among these, sorted. */
    private static List<String> names(List<Path> paths) {
        return paths.stream()
                .flatMap(path -> name(path).stream())
                .distinct()
                .sorted()
                .toList();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-18s %s%n", name, value));
    }

    static JsonObject json(FsckReport report) {
        return members(report).build();
    }

    static JsonObject json(RepairReport report) {
        return members(report.before())
                .put(
                        "repair",
                        JsonObject.builder()
                                .put("clean", report.after().isClean())
                                .put("dropped", paths(report.dropped()))
                                .put("protected", paths(report.restored()))
                                .put("pullAgain", JsonArray.ofStrings(names(report.dropped())))
                                .put("left", problems(report.after().problems()))
                                .build())
                .build();
    }

    private static JsonObject.Builder members(FsckReport report) {
        return JsonObject.builder()
                .put("clean", report.isClean())
                .put("metadata", word(report.metadata()))
                .put("objects", report.objects())
                .put("objectBytes", report.objectBytes())
                .put("streams", report.streams())
                .put("images", report.images())
                .put("names", report.references())
                .put("problems", problems(report.problems()))
                .put("unlisted", report.unlisted());
    }

    private static JsonArray problems(List<Problem> problems) {
        return new JsonArray(problems.stream()
                .map(problem -> (JsonValue) JsonObject.builder()
                        .put("kind", problem.finding().kind())
                        .put("path", Names.text(problem.finding().path()))
                        .put("got", problem.finding().got())
                        .put("expected", problem.finding().expected())
                        .put("neededBy", paths(problem.neededBy()))
                        .build())
                .toList());
    }

    private static JsonArray paths(Collection<Path> paths) {
        return JsonArray.ofStrings(paths.stream().map(Names::text).toList());
    }
}
