package dev.bulla.kbs;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.plugin.KbsPlugin;
import dev.bulla.kbs.plugin.PluginException;
import dev.bulla.kbs.plugin.PluginRequest;
import dev.bulla.kbs.store.BlobStore;
import dev.bulla.kbs.store.StoreException;

/** {@code /resource/{repository}/{type}/{tag}}: administrators store and delete resources, guests get them. */
final class ResourcePlugin implements KbsPlugin {
    static final String NAME = "resource";

    private final BlobStore store;

    ResourcePlugin(BlobStore store) {
        this.store = store;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isForAdministrators(PluginRequest request) {
        return request.method().equals("POST") || request.method().equals("DELETE");
    }

    @Override
    public boolean isEncrypted(PluginRequest request) {
        return true;
    }

    @Override
    public byte[] handle(PluginRequest request) throws PluginException {
        if (request.method().equals("PUT")) {
            throw PluginException.failed("Illegal HTTP method. Only supports `GET`, `POST` and `DELETE`", null);
        }
        try {
            String path = ResourcePath.parse(String.join("/", request.path())).toString();
            switch (request.method()) {
                case "GET" -> {
                    return store.get(path).orElseThrow(() -> missing(path));
                }
                case "POST" -> store.put(path, request.body());
                default -> {
                    if (!store.remove(path)) {
                        throw missing(path);
                    }
                }
            }
            return new byte[0];
        } catch (KbsProtocolException e) {
            throw PluginException.failed("illegal resource path", e);
        } catch (StoreException e) {
            throw PluginException.failed(e.getMessage(), e);
        }
    }

    private static PluginException missing(String path) {
        return PluginException.missing("no resource " + path);
    }
}
