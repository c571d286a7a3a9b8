import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One Elasticsearch node: HOME (config, modules, plugins; read only), STATE (data, logs), the HTTP port, and the address to listen on if not loopback. */
public final class ElasticsearchNode {
  private static final int CLOSE_SECONDS = 15;

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]).toAbsolutePath();
    Path state = Path.of(arguments[1]).toAbsolutePath();
    Settings settings = Settings.builder()
        .put("path.home", home)
        .put("path.data", state.resolve("data"))
        .put("path.logs", state.resolve("logs"))
        .put("cluster.name", "nljctl")
        .put("node.name", "local")
        .put("logger.level", "WARN")
        .put("discovery.type", "single-node")
        .put("network.host", arguments.length > 3 ? arguments[3] : "127.0.0.1")
        .put("http.port", arguments[2])
        // Nobody joins: the kernel chooses, so that this port is never in another stack's way.
        .put("transport.port", 0)
        // A laptop's nearly full disk must not turn indices read-only.
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .build();
    LogConfigurator.configureESLogging();
    LogConfigurator.configureWithoutConfig(settings);
    Environment environment = new Environment(settings, home.resolve("config"));
    PluginsLoader plugins = PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(environment.modulesDir()), PluginsLoader.loadPluginsBundles(environment.pluginsDir()), Map.of(), false);
    Node node = new Node(environment, plugins);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    new CountDownLatch(1).await();
  }

  private static void close(Node node) {
    try {
      node.prepareForClose();
      node.close();
      node.awaitClose(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception problem) {
      problem.printStackTrace();
    }
  }
}
