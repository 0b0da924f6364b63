package dev.bulla.guest.cli;

import dev.bulla.guest.pull.PullResult;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A pull's result for people. */
final class PullText {
    private PullText() {}

    static String of(
            PullResult result,
            String enforcement,
            int attestations,
            Optional<String> bundle,
            Optional<String> eventLog) {
        StringBuilder text = new StringBuilder();
        line(text, "image", result.image());
        result.indexDigest().ifPresent(digest -> line(text, "index", digest.toString()));
        line(text, "manifest", result.manifestDigest().toString());
        line(text, "config", result.configDigest().toString());
        line(text, "platform", result.platform().toString());
        for (PullResult.Layer layer : result.layers()) {
            line(
                    text,
                    "layer",
                    layer.digest() + ", " + layer.size() + " bytes"
                            + layer.wrap().map(wrap -> ", opened by " + wrap).orElse("")
                            + ", " + layer.source().words() + (layer.cached() ? ", had already" : ""));
        }
        line(
                text,
                "policy",
                result.decision().outcome() + " by " + result.decision().scope() + ": "
                        + result.decision().reason()
                        + result.decision()
                                .matrix()
                                .map(matrix ->
                                        "; config " + matrix.config() + (matrix.secured() ? ", a secured image" : ""))
                                .orElse(""));
        line(text, "attestations", Integer.toString(attestations));
        line(text, "contents", counts(result.contents(), ""));
        line(
                text,
                "store",
                result.backing().id() + (result.exposureAccepted() ? ", exposure to the host accepted" : "")
                        + ", tar kept: " + result.keepTar().id());
        line(text, "next pull", result.nextPull());
        result.notes().forEach(note -> line(text, "note", note));
        line(
                text,
                "composefs",
                result.composefs().hex() + " (" + result.sealedAs().format() + ", "
                        + result.composefs().algorithm() + ", "
                        + result.sealedAs().mapping() + ")");
        result.sealedAs().seals().lines().forEach(seal -> line(text, "seal", seal));
        result.sealedAs()
                .layerImages()
                .forEach((diffId, image) -> line(text, "layer image", diffId + " is " + image.hex()));
        result.sealedAs()
                .withoutImage()
                .forEach((diffId, reason) -> line(text, "layer image", diffId + " has none: " + reason));
        line(text, "enforcement", enforcement);
        bundle.ifPresent(folder -> line(text, "bundle", folder));
        eventLog.ifPresent(log -> line(text, "event log", log));
        line(text, "took", counts(result.timings(), " ms"));
        return text.substring(0, text.length() - 1);
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-13s %s%n", name, value));
    }

    private static String counts(Map<String, Long> counts, String unit) {
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " " + count.getValue() + unit)
                .collect(Collectors.joining(", "));
    }
}
