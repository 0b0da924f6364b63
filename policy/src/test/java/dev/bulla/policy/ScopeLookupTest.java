package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeLookupTest {
    private static final String DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static List<String> scopes(String reference) throws OciException {
        return ScopeLookup.of(new ImageName.Registry(ImageReference.parse(reference)))
                .scopes();
    }

    @Test
    void of_tagAndDigest_digestThenTagThenParents() throws Exception {
        assertThat(scopes("a.example.com:5000/ns/repo:1@" + DIGEST))
                .containsExactly(
                        "a.example.com:5000/ns/repo@" + DIGEST,
                        "a.example.com:5000/ns/repo:1",
                        "a.example.com:5000/ns/repo",
                        "a.example.com:5000/ns",
                        "a.example.com:5000",
                        "*.example.com",
                        "*.com",
                        "");
    }

    @Test
    void of_shortName_expanded() throws Exception {
        assertThat(scopes("busybox:latest"))
                .containsExactly(
                        "docker.io/library/busybox:latest",
                        "docker.io/library/busybox",
                        "docker.io/library",
                        "docker.io",
                        "*.io",
                        "");
    }

    @Test
    void of_bareName_noIdentity() throws Exception {
        assertThat(scopes("localhost/a")).containsExactly("localhost/a", "localhost", "");
    }

    @Test
    void of_layout_folderAndItsParents() {
        ScopeLookup lookup = ScopeLookup.of(new ImageName.Layout(Path.of("/a/b c/d")));
        assertThat(lookup.transport()).isEqualTo("oci");
        assertThat(lookup.scopes()).containsExactly("/a/b c/d", "/a/b c", "/a", "");
    }

    @Test
    void of_layoutAtTheRoot_transportsOwnScopeOnly() {
        assertThat(ScopeLookup.of(new ImageName.Layout(Path.of("/"))).scopes()).containsExactly("");
    }

    @Test
    void select_parentScope_namesWhatWasPassedOver() throws Exception {
        Policy.Selection selection = policy("{'default':[{'type':'reject'}],'transports':{'docker':{'docker.io':"
                        + "[{'type':'insecureAcceptAnything'}]}}}")
                .select("docker", scopes("busybox:1"));
        assertThat(selection.scope()).isEqualTo("docker:docker.io");
        assertThat(selection.passedOver())
                .containsExactly(
                        "docker:docker.io/library/busybox:1",
                        "docker:docker.io/library/busybox",
                        "docker:docker.io/library");
        assertThat(selection.requirements()).containsExactly(new PolicyRequirement.InsecureAcceptAnything());
    }

    @Test
    void select_hostWithoutPort_isNotHostWithPort() throws Exception {
        Policy policy = policy("{'default':[{'type':'reject'}],'transports':{'docker':{'example.com':"
                + "[{'type':'insecureAcceptAnything'}]}}}");
        assertThat(policy.select("docker", scopes("example.com:5000/a:1")).scope())
                .isEqualTo("default");
        assertThat(policy.select("docker", scopes("example.com.evil.org/a:1")).scope())
                .isEqualTo("default");
        assertThat(policy.select("docker", scopes("sub.example.com/a:1")).scope())
                .isEqualTo("default");
    }

    @Test
    void select_wildcard_matchesSubdomainsNotTheDomain() throws Exception {
        Policy policy = policy("{'default':[{'type':'reject'}],'transports':{'docker':{'*.example.com':"
                + "[{'type':'insecureAcceptAnything'}]}}}");
        assertThat(policy.select("docker", scopes("a.b.example.com:5000/a:1")).scope())
                .isEqualTo("docker:*.example.com");
        assertThat(policy.select("docker", scopes("example.com/a:1")).scope()).isEqualTo("default");
    }
}
