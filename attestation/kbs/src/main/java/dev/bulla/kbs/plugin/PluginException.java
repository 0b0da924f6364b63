package dev.bulla.kbs.plugin;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when a plugin cannot do what it is asked. */
public final class PluginException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean missing;

    private PluginException(String message, boolean missing, @Nullable Throwable cause) {
        super(message, cause);
        this.missing = missing;
    }

    /** It failed, or the request is not one it understands. */
    public static PluginException failed(String message, @Nullable Throwable cause) {
        return new PluginException(message, false, cause);
    }

    /** What is asked for is not there. */
    public static PluginException missing(String message) {
        return new PluginException(message, true, null);
    }

    /** Whether what is asked for is not there. */
    public boolean isMissing() {
        return missing;
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
