package dev.bulla.guest.cli;

import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.composefs.mount.EnforcementException;
import dev.bulla.composefs.mount.MountTrial;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says whether images can be mounted here, what would enforce them, and which TEE this is: tried, not guessed. */
@Command(
        name = "doctor",
        description =
                "Try what mounting needs where the store is, or would be, and look for the TEE; exit code 7 when a mount would be"
                        + " refused.")
final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    private EnforcementOptions enforcementOptions = new EnforcementOptions();

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws IOException, CommandException {
        Path where = existing(common.store().toAbsolutePath().normalize());
        MountTrial trial = MountTrial.in(where);
        StoreBacking backing = StoreBacking.of(where, Path.of("/proc"), Path.of("/sys"));
        Optional<String> refusal = refusal(trial);
        GuestTee tee = GuestTee.of(GuestTee.attesters(Path.of("/"), EventLog.DEFAULT_FILE));
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                output == OutputFormat.json
                        ? JsonWriter.compact(json(where, trial, backing, tee, refusal))
                        : text(where, trial, backing, tee, refusal));
        out.flush();
        return (refusal.isEmpty() ? ExitCode.DONE : ExitCode.STORE).code();
    }

    /** A store that is not there yet would be on the file system of the folder above. */
    private static Path existing(Path store) {
        Path folder = store;
        while (!Files.isDirectory(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** Why a mount would be refused, if it would. */
    private Optional<String> refusal(MountTrial trial) throws CommandException {
        try {
            enforcementOptions.forMount(trial.enforcement(), Optional.empty());
        } catch (EnforcementException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return trial.mount().present()
                ? Optional.empty()
                : Optional.of(trial.mount().detail());
    }

    private static JsonObject json(
            Path where, MountTrial trial, StoreBacking backing, GuestTee tee, Optional<String> refusal)
            throws IOException {
        List<JsonValue> findings = new ArrayList<>();
        for (MountTrial.Finding finding : trial.findings()) {
            findings.add(json(finding));
        }
        JsonObject.Builder json = JsonObject.builder()
                .put("folder", where.toString())
                .put("kernel", kernel())
                .put("backing", backing.id())
                .put("enforcement", trial.enforcement().enforcement().id())
                .put("reason", trial.enforcement().reason())
                .put("findings", new JsonArray(findings))
                .put("mount", json(trial.mount()))
                .put("tee", tee.json());
        refusal.ifPresent(why -> json.put("refusal", why));
        return json.build();
    }

    private static JsonObject json(MountTrial.Finding finding) {
        return JsonObject.builder()
                .put("name", finding.name())
                .put("present", finding.present())
                .put("detail", finding.detail())
                .build();
    }

    private static String text(
            Path where, MountTrial trial, StoreBacking backing, GuestTee tee, Optional<String> refusal)
            throws IOException {
        StringBuilder text = new StringBuilder();
        line(text, "kernel", kernel());
        for (MountTrial.Finding finding : trial.findings()) {
            line(text, finding);
        }
        line(text, trial.mount());
        tee.lines().forEach((name, value) -> line(text, name, value));
        line(text, "store", where + ", backed by " + backing.id());
        line(
                text,
                "enforcement",
                trial.enforcement().enforcement().id() + " ("
                        + trial.enforcement().reason() + ")");
        line(
                text,
                "verdict",
                refusal.map(why -> "a mount would be refused: " + why).orElse("a mount would be accepted"));
        return text.substring(0, text.length() - 1);
    }

    private static void line(StringBuilder text, MountTrial.Finding finding) {
        line(
                text,
                finding.name(),
                (finding.present() ? "yes" : "no") + (finding.detail().isEmpty() ? "" : " (" + finding.detail() + ")"));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-23s %s%n", name, Refusal.printable(value)));
    }

    private static String kernel() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/osrelease"), StandardCharsets.US_ASCII)
                .strip();
    }
}
