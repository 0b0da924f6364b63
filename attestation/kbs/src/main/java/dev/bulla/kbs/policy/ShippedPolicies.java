package dev.bulla.kbs.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Resource policies in Rego for administrators to set, of the same meaning as those that Trustee comes with. */
public enum ShippedPolicies {
    /** Releases every resource to every guest whose evidence verified; nothing of other plugins. */
    ALLOW_ALL("allow-all"),

    /** Releases nothing. */
    DENY_ALL("deny-all"),

    /** Releases to guests with at least one appraisal, all of which are affirming, whatever the plugin. */
    AFFIRMING("affirming"),

    /**
     * Releases resources to every guest but sample ones: what Trustee's KBS does until it is told otherwise.
     *
     * <p><b>Security.</b> It does not look at the appraisal: a guest of a real TEE gets every resource even where its appraisal is
     * contraindicated, so any guest image on any machine of that kind does. It is here because administrators ask for it by
     * name; {@link #AFFIRMING} is what should be used.
     */
    DEFAULT("default");

    private final String resource;

    ShippedPolicies(String resource) {
        this.resource = resource;
    }

    /** The policy's text. */
    public String text() {
        try (InputStream in = ShippedPolicies.class.getResourceAsStream(resource + ".rego")) {
            if (in == null) {
                throw new IllegalStateException("policy " + resource + " is not in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
