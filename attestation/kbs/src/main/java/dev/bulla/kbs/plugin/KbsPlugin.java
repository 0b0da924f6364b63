package dev.bulla.kbs.plugin;

/**
 * Serves what is below {@code /kbs/v0/<name>/}. It is asked from several threads.
 *
 * <p><b>Security.</b> A plugin is asked only after an administrator was let in, or after a guest's token was verified and the
 * resource policy allowed the request. An answer to a guest that is not encrypted goes to whoever holds its token.
 */
public interface KbsPlugin {

    /** The name: the first segment of the paths it serves. */
    String name();

    /** Whether the request is for administrators, not for guests. */
    boolean isForAdministrators(PluginRequest request);

    /** Whether the answer to a guest is encrypted to the guest's key. */
    boolean isEncrypted(PluginRequest request);

    /**
     * Does it.
     *
     * @return the answer's body
     * @throws PluginException when it cannot be done
     */
    byte[] handle(PluginRequest request) throws PluginException;
}
