package dev.bulla.oci;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an image runs on, by the OCI image index.
 *
 * @param os {@code linux}
 * @param architecture a GOARCH, {@code amd64}
 * @param variant the CPU's variant, {@code v8}, if one is named
 */
public record Platform(String os, String architecture, Optional<String> variant) {
    private static final Pattern WORD = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

    /** Reads {@code os/arch[/variant]}. */
    public static Platform parse(String text) throws OciException {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new OciException("platform " + Quoted.text(text) + ": expected os/arch or os/arch/variant");
        }
        for (String part : parts) {
            if (!WORD.matcher(part).matches()) {
                throw new OciException("platform " + Quoted.text(text) + ": " + Quoted.text(part) + " is no such word");
            }
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? Optional.of(parts[2]) : Optional.empty());
    }

    /** The platform this program runs on. */
    public static Platform current() {
        String architecture = switch (System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            case String other -> other;
        };
        return new Platform("linux", architecture, Optional.empty());
    }

    static Platform read(JsonCursor json) throws JsonException {
        JsonCursor.Members members = json.object();
        Optional<JsonCursor> variant = members.present("variant");
        if (variant.isPresent()
                && !variant.get().string().isEmpty()
                && !WORD.matcher(variant.get().string()).matches()) {
            // Any variant may be what an image for this machine says, and it is shown to people.
            throw variant.get().refuse("got " + Quoted.text(variant.get().string()) + ", expected a word");
        }
        return new Platform(
                members.required("os").string(),
                members.required("architecture").string(),
                variant.isPresent() ? Optional.of(variant.get().string()).filter(v -> !v.isEmpty()) : Optional.empty());
    }

    /**
     * Whether an image for {@code offered} runs where this platform is asked for. A variant counts only where both name
     * one; arm64 and arm64/v8 are the same (v8 is its only base).
     */
    public boolean accepts(Platform offered) {
        if (!os.equals(offered.os) || !architecture.equals(offered.architecture)) {
            return false;
        }
        return variant.isEmpty() || offered.variant.isEmpty() || variant.equals(offered.variant);
    }

    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
    }
}
